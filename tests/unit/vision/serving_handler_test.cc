#include "vision/serve/serving_handler.h"

#include <gtest/gtest.h>

#include <deque>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/testing/handler.h"
#include "conveyor/vision/fake.h"
#include "conveyor/vision/image.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

constexpr Channel<v1::Prediction> kPredictions{"predictions"};

/// Its classifier fails images by their rows: 1 is bad input, 2 is to be tried again, 3 a fault; the others are fine.
std::shared_ptr<const Model> failing_by_rows() {
  return scripted([](const cv::Mat& image, Outcome& outcome) {
    if (image.rows == 1) return outcome.bad_input("too thin");
    if (image.rows == 2) return outcome.retry("busy");
    if (image.rows == 3) return outcome.fault("no weights");
    outcome.add_label("fine", 1);
  });
}

Message<v1::Image> of_rows(int rows) {
  v1::Image image;
  to_image(cv::Mat(rows, 5, CV_8UC1, cv::Scalar(7)), image);
  image.set_frame(rows);
  return testing::message(std::move(image), {.topic = "images", .partition = 0, .offset = rows});
}

class ServingHandlerTest : public ::testing::Test {
 protected:
  static const v1::Prediction& itself(const Message<v1::Image>&, v1::Prediction& prediction) { return prediction; }
  using Handler = ServingHandler<v1::Prediction, decltype(&itself)>;

  Handler handler() { return {served_, kPredictions, &itself}; }
  std::string failure_of(int rows) {
    Handler handle = handler();
    const Message<v1::Image> message = of_rows(rows);
    try {
      handle(message, context_);
    } catch (const RetryableError& error) {
      return std::string("RetryableError: ") + error.what();
    } catch (const DecodeError& error) {
      return std::string("DecodeError: ") + error.what();
    } catch (const Error& error) {
      return std::string("Error: ") + error.what();
    }
    return {};
  }

  std::shared_ptr<ServedModel> served_ = std::make_shared<ServedModel>(failing_by_rows());
  testing::RecordingContext context_;
};

TEST_F(ServingHandlerTest, ThrowsEachKindToTheWorkerAndCountsIt) {
  const auto said = [](int offset, const std::string& what) {
    return "record images [0] at offset " + std::to_string(offset) + ": classifier scripted: " + what;
  };
  EXPECT_EQ(failure_of(1), "DecodeError: " + said(1, "too thin"));
  EXPECT_EQ(failure_of(2), "RetryableError: " + said(2, "busy"));
  EXPECT_EQ(failure_of(3), "Error: " + said(3, "no weights"));
  EXPECT_EQ(failure_of(4), "");
  const ServeCounters counters = served_->counters();
  EXPECT_EQ(counters.bad_input, 1U);
  EXPECT_EQ(counters.retries, 1U);
  EXPECT_EQ(counters.faults, 1U);
  EXPECT_EQ(counters.predictions, 1U);
  EXPECT_EQ(counters.batches, 4U);
  ASSERT_EQ(context_.sent(kPredictions).size(), 1U);
  EXPECT_EQ(context_.sent(kPredictions)[0].frame(), 4);
}

TEST_F(ServingHandlerTest, FailsEachImageOfABatchWithItsOwnKind) {
  Handler handle = handler();
  std::deque<Message<v1::Image>> messages;
  std::vector<BatchItem<v1::Image>> items;
  for (const int rows : {1, 4, 2, 5, 3}) items.emplace_back(messages.emplace_back(of_rows(rows)), context_);
  handle(items);
  EXPECT_THROW(items[0].rethrow_failure(), DecodeError);
  EXPECT_FALSE(items[1].failed());
  EXPECT_THROW(items[2].rethrow_failure(), RetryableError);
  EXPECT_FALSE(items[3].failed());
  EXPECT_ERROR(errc::handler_failed, "no weights", items[4].rethrow_failure());
  const ServeCounters counters = served_->counters();
  EXPECT_EQ(counters.bad_input, 1U);
  EXPECT_EQ(counters.retries, 1U);
  EXPECT_EQ(counters.faults, 1U);
  EXPECT_EQ(counters.predictions, 2U);
  EXPECT_EQ(counters.batches, 1U);
  EXPECT_EQ(context_.sent(kPredictions).size(), 2U);
}

TEST_F(ServingHandlerTest, FailsAloneAPredictionThatCannotBeSent) {
  const auto picky = [](const Message<v1::Image>& message, v1::Prediction& prediction) -> const v1::Prediction& {
    if (message.value().frame() == 4) throw Error(errc::message_too_large, "it has too many bytes");
    return prediction;
  };
  ServingHandler<v1::Prediction, decltype(picky)> handle{served_, kPredictions, picky};
  std::deque<Message<v1::Image>> messages;
  std::vector<BatchItem<v1::Image>> items;
  for (const int rows : {4, 5}) items.emplace_back(messages.emplace_back(of_rows(rows)), context_);
  handle(items);
  EXPECT_ERROR(errc::message_too_large, "too many bytes", items[0].rethrow_failure());
  EXPECT_FALSE(items[1].failed());
  EXPECT_ERROR(errc::message_too_large, "too many bytes", handle(messages[0], context_));
  EXPECT_EQ(served_->counters().predictions, 1U);
  EXPECT_EQ(served_->counters().faults, 0U) << "the classifier did not go wrong";
}

}  // namespace
}  // namespace conveyor::vision
