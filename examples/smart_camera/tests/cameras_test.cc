// What is decided about several cameras: their names, the order of their frames, their pace and lag.

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "by_camera.h"
#include "camera_name.h"
#include "camera_orders.h"
#include "conveyor/error.h"
#include "pace.h"
#include "partition_lag.h"
#include "rate.h"
#include "seen_frames.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;

std::string refusal(const std::vector<std::string>& sources, const std::vector<std::string>& named) {
  try {
    const auto cameras = name_cameras(sources, named);
    return "";
  } catch (const conveyor::Error& error) {
    return error.what();
  }
}

TEST(NameCameras, NumbersThoseWithoutANameInTheirOrder) {
  const auto cameras = name_cameras({"a.avi", "rtsp://b?x=1"}, {"yard=rtsp://c?y=2"});
  ASSERT_EQ(cameras.size(), 3U);
  EXPECT_EQ(cameras[0].name, "camera-1");
  EXPECT_EQ(cameras[1].name, "camera-2");
  EXPECT_EQ(cameras[1].source, "rtsp://b?x=1");
  EXPECT_EQ(cameras[2].name, "yard");
  EXPECT_EQ(cameras[2].source, "rtsp://c?y=2");
}

TEST(NameCameras, NamesTheOptionThatIsWrong) {
  EXPECT_NE(refusal({}, {}).find("--camera NAME=SOURCE"), std::string::npos);
  EXPECT_NE(refusal({}, {"yard"}).find("--camera yard"), std::string::npos);
  EXPECT_NE(refusal({}, {"yard="}).find("NAME=SOURCE"), std::string::npos);
  EXPECT_NE(refusal({}, {"../yard=a.avi"}).find("letters"), std::string::npos);
  EXPECT_NE(refusal({"a.avi"}, {"camera-1=b.avi"}).find("is taken"), std::string::npos);
}

TEST(CameraOf, IsTheNameThatASourceBeginsWith) {
  EXPECT_EQ(camera_of(source_of("yard", 17)), "yard");
  EXPECT_EQ(camera_of("yard"), "yard");
}

TEST(CameraOf, MakesALegalNameOfWhatOthersSend) {
  for (const std::string source : {"../../etc/passwd#1", "", "#1", ".hidden",
                                   "a-name-that-is-far-too-long-for-a-file-s-name-or-any-page", "a b\n"}) {
    EXPECT_TRUE(legal_camera_name(camera_of(source))) << source;
  }
}

TEST(ByCamera, ForgetsTheCameraThatWasLongestNotAskedFor) {
  ByCamera<int> counts([] { return 0; }, 2);
  counts["a"] = 1;
  counts["b"] = 2;
  EXPECT_EQ(counts["a"], 1);
  counts["c"] = 3;
  EXPECT_EQ(counts.size(), 2U);
  EXPECT_EQ(counts["a"], 1);
  EXPECT_EQ(counts["b"], 0);
}

class Orders : public ::testing::Test {
 protected:
  void add(const std::string& camera, const std::string& run, std::int64_t number) {
    const std::string frame = camera + run + ":" + std::to_string(number);
    orders_.add(camera, camera + "#" + run, number, frame, [this](const std::string& each) { given_.push_back(each); });
  }
  CameraOrders<std::string> orders_{2};
  std::vector<std::string> given_;
};

TEST_F(Orders, HoldFramesOfOneCameraBackForItsOwnEarlierOnesOnly) {
  add("a", "1", 1);
  add("b", "1", 0);
  add("b", "1", 1);
  add("a", "1", 0);
  EXPECT_EQ(given_, (std::vector<std::string>{"b1:0", "b1:1", "a1:0", "a1:1"}));
}

TEST_F(Orders, GiveTheRestOfARunWhenTheNextBegins) {
  add("a", "1", 0);
  add("a", "1", 2);
  add("a", "2", 0);
  add("a", "1", 1);  // too late: the next run has begun
  add("a", "2", 1);
  EXPECT_EQ(given_, (std::vector<std::string>{"a1:0", "a1:2", "a2:0", "a2:1"}));
}

TEST_F(Orders, GiveWhatStillWaitsAtTheEnd) {
  add("a", "1", 1);
  add("b", "1", 3);
  orders_.finish([this](const std::string& each) { given_.push_back(each); });
  EXPECT_EQ(given_, (std::vector<std::string>{"a1:1", "b1:3"}));
}

TEST(SeenFrames, TellNewestLateAndRepeatedApart) {
  SeenFrames seen;
  using Kind = SeenFrames::Kind;
  EXPECT_EQ(seen.add("a#1", 0), Kind::kNewest);
  EXPECT_EQ(seen.add("a#1", 2), Kind::kNewest);
  EXPECT_EQ(seen.add("a#1", 1), Kind::kLate);
  EXPECT_EQ(seen.add("a#1", 1), Kind::kRepeated);
  EXPECT_EQ(seen.add("a#1", 2), Kind::kRepeated);
  EXPECT_EQ(seen.add("a#2", 0), Kind::kNewest);
}

TEST(SeenFrames, TakeWhatIsFarBehindForRepeated) {
  SeenFrames seen;
  for (std::int64_t frame = 0; frame < 5'000; ++frame) ASSERT_EQ(seen.add("a#1", frame), SeenFrames::Kind::kNewest);
  EXPECT_EQ(seen.add("a#1", 10), SeenFrames::Kind::kRepeated);
}

constexpr Pace::Time kStart{1'000s};

TEST(Pace, GivesEachFrameItsTurn) {
  Pace pace(25);
  EXPECT_EQ(pace.next(kStart).due, kStart);
  EXPECT_EQ(pace.next(kStart + 1ms).due, kStart + 40ms);
  const Pace::Turn third = pace.next(kStart + 50ms);
  EXPECT_EQ(third.due, kStart + 80ms);
  EXPECT_FALSE(third.skip);
}

TEST(Pace, SkipsFramesThatAreLateByMoreThanOne) {
  Pace pace(25);
  EXPECT_FALSE(pace.next(kStart).skip);
  EXPECT_TRUE(pace.next(kStart + 200ms).skip);   // was due at 40 ms
  EXPECT_TRUE(pace.next(kStart + 200ms).skip);   // at 80 ms
  EXPECT_TRUE(pace.next(kStart + 200ms).skip);   // at 120 ms
  EXPECT_FALSE(pace.next(kStart + 200ms).skip);  // at 160 ms: now
}

TEST(Pace, ShowsSomeFramesWhereReadingIsTooSlow) {
  Pace pace(25);
  int given = 0;
  for (int i = 0; i < 200; ++i) given += pace.next(kStart + i * 100ms).skip ? 0 : 1;
  EXPECT_GE(given, 5);
  EXPECT_LE(given, 40);
}

TEST(PartitionLag, IsWhatWasSentAndNotProcessed) {
  PartitionLag lag;
  lag.sent(0, 100);  // what lies before is not ours
  EXPECT_EQ(lag.lags().at(0), 1);
  lag.sent(0, 101);
  lag.sent(3, 7);
  lag.processed(0, 100);
  EXPECT_EQ(lag.lags(), (std::map<std::int32_t, std::int64_t>{{0, 1}, {3, 1}}));
  lag.processed(0, 101);
  EXPECT_EQ(lag.lags().at(0), 0);
}

TEST(PartitionLag, IsNoneWhereTheResultCameBeforeTheAcknowledgement) {
  PartitionLag lag;
  lag.processed(1, 5);
  lag.sent(1, 5);
  EXPECT_EQ(lag.lags().at(1), 0);
}

TEST(PartitionLag, OfSeveralCamerasIsTheTopics) {
  PartitionLag one;
  one.sent(0, 10);
  one.processed(0, 10);
  PartitionLag other;
  other.sent(0, 11);
  other.processed(0, 12);
  other.sent(0, 14);
  one.merge(other);
  EXPECT_EQ(one.lags().at(0), 2);
}

TEST(Rate, IsThatOfTheLastFullSeconds) {
  Rate rate;
  for (int i = 0; i < 100; ++i) rate.add(kStart + i * 40ms);  // 25 a second, for four seconds
  EXPECT_DOUBLE_EQ(rate.per_second(kStart + 4s), 25);
  EXPECT_DOUBLE_EQ(rate.per_second(kStart + 6s), 25.0 / 3);
  EXPECT_DOUBLE_EQ(rate.per_second(kStart + 60s), 0);
}

TEST(Rate, OfTheFirstSecondsIsNotTooLow) {
  Rate rate;
  for (int i = 0; i < 30; ++i) rate.add(kStart + i * 40ms);
  EXPECT_DOUBLE_EQ(rate.per_second(kStart + 1200ms), 25);
}

}  // namespace
}  // namespace smart_camera
