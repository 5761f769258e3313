#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "conveyor/handler.h"
#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "support/errors.h"

namespace conveyor {
namespace {

using v1::Image;

Message<Image> frame(int number, Record record = {}) {
  Image image;
  image.set_frame(number);
  return testing::message(std::move(image), std::move(record));
}

// What each form sees of a message whose value has the frame 7.
int seen_by(auto handler, const Message<Image>& message) {
  testing::RecordingContext context{3};
  const auto& shared = handler;
  return detail::call(shared, message, context);
}

TEST(HandlerForms, MessageOrValueWithOrWithoutContext) {
  const auto message = frame(7);
  EXPECT_EQ(seen_by([](const Message<Image>& each) { return each.value().frame(); }, message), 7);
  EXPECT_EQ(
      seen_by([](const Message<Image>& each, Context& context) { return each.value().frame() + context.attempt(); },
              message),
      10);
  EXPECT_EQ(seen_by([](const Image& image) { return image.frame(); }, message), 7);
  EXPECT_EQ(seen_by([](const Image& image, Context& context) { return image.frame() + context.attempt(); }, message),
            10);
  EXPECT_EQ(seen_by([](Image image) { return image.frame(); }, message), 7);
}

// The body of a generic one is never compiled with a value.
TEST(HandlerForms, AFunctionOfAnythingGetsTheMessage) {
  const auto message = frame(7, {.offset = 12});
  EXPECT_EQ(seen_by([](const auto& each) { return each.offset(); }, message), 12);
  EXPECT_EQ(seen_by([](const auto& each, auto& context) { return each.offset() + context.attempt(); }, message), 15);
}

struct Both {
  int operator()(const Message<Image>&) const { return 1; }
  int operator()(const Image&, Context&) const { return 2; }
};

TEST(HandlerForms, TheMessageIsPreferred) { EXPECT_EQ(seen_by(Both(), frame(7)), 1); }

TEST(HandlerForms, ATombstoneHasNoValueToBeGiven) {
  const auto tombstone = frame(7, {.error = errc::tombstone});
  const auto value_alone = [](const Image& image) { return image.frame(); };
  EXPECT_EQ(tests::thrown_by([&] { seen_by(value_alone, tombstone); }).code, errc::tombstone);
}

}  // namespace
}  // namespace conveyor
