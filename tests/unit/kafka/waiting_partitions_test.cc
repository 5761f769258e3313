#include "kafka/waiting_partitions.h"

#include <gtest/gtest.h>

#include <chrono>
#include <utility>
#include <vector>

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;

constexpr TopicPartition kFirst{"images", 0};
constexpr TopicPartition kSecond{"images", 1};

class WaitingPartitionsTest : public ::testing::Test {
 protected:
  void wait_for(const TopicPartition& where, std::chrono::milliseconds at) {
    watch_.wait_for({.where = where}, "not told", at_time(at));
  }
  static WaitingPartitions::Clock::time_point at_time(std::chrono::milliseconds time) {
    return WaitingPartitions::Clock::time_point{} + time;
  }
  static std::vector<TopicPartition> where(const std::vector<Assigned>& partitions) {
    std::vector<TopicPartition> found;
    for (const auto& each : partitions) found.push_back(each.where);
    return found;
  }
  WaitingPartitions watch_{15s};
};

TEST_F(WaitingPartitionsTest, GivesThoseThatAreKnownAndKeepsTheOthers) {
  wait_for(kFirst, 0ms);
  wait_for(kSecond, 0ms);
  EXPECT_TRUE(watch_.found(kSecond, {.committed = 7, .start = 7}));
  const auto known = watch_.take_known(false);
  ASSERT_EQ(where(known), std::vector{kSecond});
  EXPECT_EQ(known.front().start_offset.start, 7);
  EXPECT_EQ(watch_.unknown(), std::vector{kFirst});
}

TEST_F(WaitingPartitionsTest, GivesNoneBeforeAllAreKnownWhereTheyMustComeTogether) {
  wait_for(kFirst, 0ms);
  wait_for(kSecond, 0ms);
  EXPECT_TRUE(watch_.found(kSecond, {.start = 7}));
  EXPECT_TRUE(watch_.take_known(true).empty());
  EXPECT_EQ(watch_.unknown(), std::vector{kFirst}) << "the other need not be asked about again";
  EXPECT_TRUE(watch_.found(kFirst, {}));
  EXPECT_EQ(watch_.take_known(true).size(), 2U);
  EXPECT_TRUE(watch_.empty());
}

TEST_F(WaitingPartitionsTest, ForgetsWhatWasGivenBackAndWhatIsSaidOfItLater) {
  wait_for(kFirst, 0ms);
  wait_for(kSecond, 0ms);
  watch_.forget(std::vector{kFirst});
  EXPECT_FALSE(watch_.found(kFirst, {.start = 7}));
  EXPECT_EQ(watch_.unknown(), std::vector{kSecond});
}

TEST_F(WaitingPartitionsTest, ForgetsAll) {
  wait_for(kFirst, 0ms);
  wait_for(kSecond, 0ms);
  EXPECT_TRUE(watch_.found(kSecond, {.start = 7}));
  watch_.forget_all();
  EXPECT_TRUE(watch_.empty());
  EXPECT_TRUE(watch_.take_known(false).empty());
}

TEST_F(WaitingPartitionsTest, SaysWhichHasWaitedTooLongAndWhy) {
  wait_for(kFirst, 0ms);
  wait_for(kSecond, 10s);
  watch_.not_found(kFirst, "a transaction is open");
  EXPECT_EQ(watch_.overdue(at_time(14'999ms)), nullptr);
  const auto* late = watch_.overdue(at_time(15s));
  ASSERT_NE(late, nullptr);
  EXPECT_EQ(late->assigned.where, kFirst);
  EXPECT_EQ(late->why, "a transaction is open");
}

TEST_F(WaitingPartitionsTest, DoesNotBlameWhatOnlyWaitsForOthers) {
  wait_for(kFirst, 0ms);
  wait_for(kSecond, 5s);
  EXPECT_TRUE(watch_.found(kFirst, {.start = 7}));
  EXPECT_EQ(watch_.overdue(at_time(19s)), nullptr);
  ASSERT_NE(watch_.overdue(at_time(20s)), nullptr);
  EXPECT_EQ(watch_.overdue(at_time(20s))->assigned.where, kSecond);
}

}  // namespace
}  // namespace conveyor::kafka
