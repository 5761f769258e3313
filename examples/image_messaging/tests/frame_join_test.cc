#include "frame_join.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace image_messaging {
namespace {

using namespace std::chrono_literals;
using conveyor::v1::InputRecord;
using conveyor::v1::Prediction;

constexpr FrameJoin::Time kStart{};

InputRecord record(std::int64_t offset, const std::string& uuid = "") {
  InputRecord result;
  result.set_topic("VideoStream");
  result.set_partition(2);
  result.set_offset(offset);
  result.set_uuid(uuid.empty() ? "uuid-" + std::to_string(offset) : uuid);
  return result;
}

LabelledFrame frame(std::int64_t number, const std::string& source = "", std::size_t bytes = 3) {
  LabelledFrame result;
  result.image.set_frame(number);
  result.image.set_source(source);
  result.image.set_image_data(std::string(bytes, 'x'));
  return result;
}

Prediction label(std::int64_t number, const std::string& text) {
  Prediction result;
  result.set_frame(number);
  result.add_object(text);
  return result;
}

Prediction label_of(const InputRecord& input, std::int64_t number, const std::string& text) {
  Prediction result = label(number, text);
  *result.mutable_input() = input;
  return result;
}

/// What goes on, as "source number label", with "-" for no label.
std::vector<std::string> taken(FrameJoin& join) {
  std::vector<std::string> result;
  while (auto one = join.take()) {
    result.push_back(one->image.source() + " " + std::to_string(one->image.frame()) + " " +
                     (one->prediction ? one->prediction->object(0) : "-"));
  }
  return result;
}

using Lines = std::vector<std::string>;

TEST(FrameJoin, JoinsAPredictionToTheFrameThatCameBefore) {
  FrameJoin join({});
  join.add(record(40), frame(0, "a"), kStart);
  EXPECT_EQ(taken(join), Lines{});
  join.add(label_of(record(40), 0, "cat"), kStart + 20ms);
  EXPECT_EQ(taken(join), Lines{"a 0 cat"});
  EXPECT_EQ(join.counts().labelled, 1);
  EXPECT_EQ(join.waiting_frames(), 0U);
}

TEST(FrameJoin, JoinsAFrameToThePredictionThatCameBefore) {
  FrameJoin join({});
  join.add(label_of(record(40), 0, "cat"), kStart);
  join.add(record(40), frame(0, "a"), kStart + 20ms);
  EXPECT_EQ(taken(join), Lines{"a 0 cat"});
  EXPECT_EQ(join.waiting_predictions(), 0U);
}

TEST(FrameJoin, TellsFramesOfOneNumberApartByTheirRecords) {
  FrameJoin join({});
  join.add(record(40), frame(7, "a"), kStart);
  join.add(record(41), frame(7, "b"), kStart);
  join.add(label_of(record(41), 7, "dog"), kStart);
  join.add(label_of(record(40), 7, "cat"), kStart);
  EXPECT_EQ(taken(join), (Lines{"b 7 dog", "a 7 cat"}));
}

TEST(FrameJoin, NeverJoinsAPredictionOfAnotherRecordByItsNumber) {
  FrameJoin join({});
  join.add(record(40), frame(7), kStart);
  InputRecord elsewhere = record(40);
  elsewhere.set_topic("scans");
  join.add(label_of(elsewhere, 7, "egg"), kStart);
  EXPECT_EQ(taken(join), Lines{});
  EXPECT_EQ(join.waiting_frames(), 1U);
}

TEST(FrameJoin, JoinsByNumberWhatDoesNotNameItsRecord) {
  FrameJoin join({});
  join.add(record(40), frame(0), kStart);
  join.add(record(41), frame(1), kStart);
  join.add(label(1, "dog"), kStart);
  join.add(label(2, "fish"), kStart);
  join.add(record(42), frame(2), kStart);
  EXPECT_EQ(taken(join), (Lines{" 1 dog", " 2 fish"}));
  EXPECT_EQ(join.waiting_frames(), 1U);
}

TEST(FrameJoin, GivesTheOldestOfOneNumberItsPredictionFirst) {
  FrameJoin join({});
  join.add(record(40), frame(0, "a"), kStart);
  join.add(record(41), frame(0, "b"), kStart);
  join.add(label(0, "first"), kStart);
  join.add(label(0, "second"), kStart);
  EXPECT_EQ(taken(join), (Lines{"a 0 first", "b 0 second"}));
}

TEST(FrameJoin, ShowsAFrameWithoutLabelWhenItsPredictionDoesNotCome) {
  FrameJoin join({.frame_patience = 500ms});
  join.add(record(40), frame(0), kStart);
  join.add(record(41), frame(1), kStart + 100ms);
  join.expire(kStart + 499ms);
  EXPECT_EQ(taken(join), Lines{});
  join.expire(kStart + 500ms);
  EXPECT_EQ(taken(join), Lines{" 0 -"});
  EXPECT_EQ(join.counts().unlabelled, 1);
  join.add(label_of(record(40), 0, "late"), kStart + 600ms);
  EXPECT_EQ(taken(join), Lines{});
  EXPECT_EQ(join.counts().repeated_predictions, 1);
}

TEST(FrameJoin, CountsWhatComesAgainOnce) {
  FrameJoin join({});
  join.add(record(40), frame(0), kStart);
  join.add(record(40), frame(0), kStart);
  join.add(label_of(record(40), 0, "cat"), kStart);
  join.add(label_of(record(40), 0, "cat"), kStart);
  join.add(record(40), frame(0), kStart);
  join.add(label_of(record(41), 1, "dog"), kStart);
  join.add(label_of(record(41), 1, "dog"), kStart);
  EXPECT_EQ(taken(join), Lines{" 0 cat"});
  EXPECT_EQ(join.counts().frames, 1);
  EXPECT_EQ(join.counts().repeated_frames, 2);
  EXPECT_EQ(join.counts().repeated_predictions, 2);
  EXPECT_EQ(join.waiting_predictions(), 1U);
}

TEST(FrameJoin, TakesTheFramesOfACaptureThatWasRestarted) {
  FrameJoin join({});
  for (std::int64_t run = 0; run < 2; ++run) {
    for (std::int64_t number = 0; number < 3; ++number) {
      join.add(record(10 * run + number), frame(number), kStart);
      join.add(label(number, "run-" + std::to_string(run)), kStart);
    }
  }
  EXPECT_EQ(taken(join), (Lines{" 0 run-0", " 1 run-0", " 2 run-0", " 0 run-1", " 1 run-1", " 2 run-1"}));
  EXPECT_EQ(join.counts().repeated_frames, 0);
}

TEST(FrameJoin, TakesTheFramesOfATopicThatWasMadeAnew) {
  FrameJoin join({});
  join.add(record(0, "old"), frame(0), kStart);
  join.add(label_of(record(0, "old"), 0, "cat"), kStart);
  join.add(record(0, "new"), frame(0), kStart);
  join.add(label_of(record(0, "new"), 0, "dog"), kStart);
  EXPECT_EQ(taken(join), (Lines{" 0 cat", " 0 dog"}));
}

TEST(FrameJoin, HoldsSoManyFramesAndNoMore) {
  FrameJoin join({.most_frames = 3});
  for (std::int64_t number = 0; number < 5; ++number) join.add(record(number), frame(number), kStart);
  EXPECT_EQ(taken(join), (Lines{" 0 -", " 1 -"}));
  EXPECT_EQ(join.waiting_frames(), 3U);
}

TEST(FrameJoin, HoldsSoManyBytesAndNoMoreButOneLargeFrame) {
  FrameJoin join({.most_bytes = 1'000});
  join.add(record(0), frame(0, "", 600), kStart);
  join.add(record(1), frame(1, "", 600), kStart);
  EXPECT_EQ(taken(join), Lines{" 0 -"});
  join.add(record(2), frame(2, "", 5'000), kStart);
  EXPECT_EQ(taken(join), Lines{" 1 -"});
  EXPECT_EQ(join.waiting_frames(), 1U);
  join.add(label_of(record(2), 2, "cat"), kStart);
  join.add(record(3), frame(3, "", 600), kStart);
  EXPECT_EQ(taken(join), Lines{" 2 cat"});
  EXPECT_EQ(join.waiting_frames(), 1U);
}

TEST(FrameJoin, ForgetsPredictionsWithoutAFrame) {
  FrameJoin join({.most_predictions = 2, .prediction_patience = 1s});
  for (std::int64_t number = 0; number < 3; ++number) join.add(label(number, "cat"), kStart);
  EXPECT_EQ(join.waiting_predictions(), 2U);
  EXPECT_EQ(join.counts().lone_predictions, 1);
  join.expire(kStart + 1s);
  EXPECT_EQ(join.waiting_predictions(), 0U);
  EXPECT_EQ(join.counts().lone_predictions, 3);
  EXPECT_EQ(taken(join), Lines{});
}

TEST(FrameJoin, SendsOnEverythingAtTheEnd) {
  FrameJoin join({});
  join.add(record(0), frame(0), kStart);
  join.add(record(1), frame(1), kStart);
  join.finish();
  EXPECT_EQ(taken(join), (Lines{" 0 -", " 1 -"}));
  EXPECT_EQ(join.counts().frames, join.counts().labelled + join.counts().unlabelled);
}

}  // namespace
}  // namespace image_messaging
