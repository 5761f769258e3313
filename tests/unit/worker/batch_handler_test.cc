#include <gtest/gtest.h>

#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/batch.h"
#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace conveyor {
namespace {

using v1::Image;
using v1::Prediction;
using Item = BatchItem<Image, Prediction>;

const auto kPredictions = Channel<Prediction>::named("predictions");

Prediction prediction_of(std::int64_t frame) {
  Prediction prediction;
  prediction.set_frame(frame);
  return prediction;
}

Image image_of(std::int64_t frame) {
  Image image;
  image.set_frame(frame);
  return image;
}

class BatchItemTest : public ::testing::Test {
 protected:
  const Message<Image> message = testing::message(image_of(7));
  testing::RecordingContext context;
  Item item{message, context};
};

TEST_F(BatchItemTest, IsDoneWithoutAReplyWhenLeftAlone) {
  EXPECT_EQ(item.message().value().frame(), 7);
  EXPECT_FALSE(item.replied());
  EXPECT_FALSE(item.failed());
  EXPECT_NO_THROW(item.rethrow_failure());
}

TEST_F(BatchItemTest, TheLastReplyCounts) {
  item.reply(prediction_of(1));
  item.reply(prediction_of(2));
  EXPECT_EQ(item.replied()->frame(), 2);
}

TEST_F(BatchItemTest, FailsWithTheTypeThatItIsGiven) {
  item.fail(RetryableError("loading"));
  EXPECT_TRUE(item.failed());
  EXPECT_THROW(item.rethrow_failure(), RetryableError);
  item.fail(std::make_exception_ptr(std::out_of_range("another")));
  EXPECT_THROW(item.rethrow_failure(), std::out_of_range);
}

TEST_F(BatchItemTest, FailsWithoutAReasonToo) {
  item.fail(std::exception_ptr());
  EXPECT_THROW(item.rethrow_failure(), Error);
}

// A caught exception would lose its type.
template <class E>
concept FailsWith = requires(Item& item, E error) {
  item.fail(static_cast<E>(error));
};
static_assert(FailsWith<RetryableError&&>);
static_assert(!FailsWith<RetryableError&>);
static_assert(!FailsWith<const std::exception&>);

// Items of a handler without replies have none to give.
template <class I>
concept Replies = requires(I& item) {
  item.replied();
};
static_assert(Replies<Item>);
static_assert(!Replies<BatchItem<Image>>);

class BatchHandlerTest : public ::testing::Test {
 protected:
  static auto handler_of(auto function) {
    auto send = [](const Item& item) {
      if (item.replied()) item.context().send(kPredictions, *item.replied());
    };
    return detail::TypedBatchHandler<Image, Prediction, decltype(function), decltype(send)>(function, send);
  }
  void fill(detail::ErasedBatchHandler& handler, std::size_t item, std::int64_t frame) {
    auto& image = static_cast<Image&>(handler.value(item));
    image.Clear();
    image.set_frame(frame);
    image.mutable__message_data()->set_trace_id("trace " + std::to_string(frame));
    Record record{.topic = "images", .offset = frame, .key = std::to_string(frame)};
    EXPECT_EQ(handler.trace_id(item), "trace " + std::to_string(frame));
    handler.fill(item, record, context);
  }

  testing::RecordingContext context;
};

TEST_F(BatchHandlerTest, EachItemHasItsMessageAndSendsItsReplyWhenItIsFinished) {
  std::vector<std::string> seen;
  auto handler = handler_of([&](std::span<Item> items) {
    for (Item& item : items) {
      seen.emplace_back(item.message().key().value());
      if (item.message().value().frame() != 2) item.reply(prediction_of(item.message().value().frame()));
    }
  });
  for (std::size_t i = 0; i < 3; ++i) fill(handler, i, static_cast<std::int64_t>(i + 1));
  handler.handle(0, 3);
  EXPECT_EQ(seen, (std::vector<std::string>{"1", "2", "3"}));
  EXPECT_TRUE(context.sent().empty());
  for (std::size_t i = 0; i < 3; ++i) handler.finish(i);
  const auto sent = context.sent(kPredictions);
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].frame(), 1);
  EXPECT_EQ(sent[1].frame(), 3);
}

TEST_F(BatchHandlerTest, AnItemHandledAgainAloneStartsAnew) {
  auto handler = handler_of([](std::span<Item> items) {
    if (items.size() == 1) return;
    items[0].reply(prediction_of(1));
    items[1].fail(std::runtime_error("bad"));
    throw std::runtime_error("all");
  });
  fill(handler, 0, 1);
  fill(handler, 1, 2);
  EXPECT_THROW(handler.handle(0, 2), std::runtime_error);
  for (std::size_t i = 0; i < 2; ++i) {
    handler.handle(i, 1);
    EXPECT_NO_THROW(handler.finish(i));
  }
  EXPECT_TRUE(context.sent().empty());
}

TEST_F(BatchHandlerTest, TheNextBatchMayBeSmallerAndKnowsNothingOfTheLast) {
  std::size_t count = 0;
  auto handler = handler_of([&](std::span<Item> items) {
    count = items.size();
    for (Item& item : items) EXPECT_FALSE(item.replied());
    for (Item& item : items) item.reply(prediction_of(item.message().offset()));
  });
  for (std::size_t i = 0; i < 3; ++i) fill(handler, i, static_cast<std::int64_t>(i));
  handler.handle(0, 3);
  fill(handler, 0, 10);
  handler.handle(0, 1);
  EXPECT_EQ(count, 1U);
  handler.finish(0);
  EXPECT_EQ(context.sent(kPredictions).at(0).frame(), 10);
}

TEST_F(BatchHandlerTest, FinishingAnItemThatFailedThrowsWhyAndSendsNothing) {
  auto handler = handler_of([](std::span<Item> items) {
    items[0].reply(prediction_of(1));
    items[0].fail(RetryableError("later"));
  });
  fill(handler, 0, 1);
  handler.handle(0, 1);
  EXPECT_THROW(handler.finish(0), RetryableError);
  EXPECT_TRUE(context.sent().empty());
}

}  // namespace
}  // namespace conveyor
