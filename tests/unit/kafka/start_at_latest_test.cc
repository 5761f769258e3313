#include "kafka/start_at_latest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace conveyor::kafka {
namespace {

// A topic's commits, one letter a partition: '-' nothing, 'c' a commit that says nothing of its topic, and a digit for
// one that says how many partitions there were.
std::vector<CommittedPartition> topic(const std::string& commits) {
  std::vector<CommittedPartition> start_offsets;
  for (const char commit : commits) {
    CommittedPartition start_offset{.partition = static_cast<std::int32_t>(start_offsets.size()),
                                    .committed = commit != '-'};
    if (commit >= '1' && commit <= '9') start_offset.partitions = commit - '0';
    start_offsets.push_back(start_offset);
  }
  return start_offsets;
}

constexpr LatestStart end_of(std::int32_t partitions) { return {.at_end = true, .partitions = partitions}; }
constexpr LatestStart beginning(std::int32_t partitions) { return {.at_end = false, .partitions = partitions}; }

TEST(StartAtLatest, BeginsATopicOfWhichNothingWasCommittedAtItsEnd) {
  EXPECT_EQ(start_at_latest(0, topic("-")), end_of(1));
  EXPECT_EQ(start_at_latest(2, topic("---")), end_of(3));
}

TEST(StartAtLatest, BeginsAtItsEndWhatAnotherMemberOfTheFirstAssignmentHasNotCommittedYet) {
  EXPECT_EQ(start_at_latest(1, topic("2-")), end_of(2));
  EXPECT_EQ(start_at_latest(0, topic("-3c")), end_of(3));
}

TEST(StartAtLatest, BeginsAPartitionThatWasAddedAtItsFirstRecord) {
  EXPECT_EQ(start_at_latest(1, topic("1-")), beginning(1));
  EXPECT_EQ(start_at_latest(3, topic("2---")), beginning(2));
  EXPECT_EQ(start_at_latest(3, topic("22c-")), beginning(2)) << "whatever was added before";
}

TEST(StartAtLatest, LosesNothingWhereNoCommitSaysHowManyPartitionsThereWere) {
  EXPECT_EQ(start_at_latest(1, topic("c-")), beginning(0));
  EXPECT_EQ(start_at_latest(0, topic("-c")), beginning(0));
}

TEST(StartAtLatest, BelievesTheSmallestNumber) { EXPECT_EQ(start_at_latest(2, topic("32-")), beginning(2)); }

}  // namespace
}  // namespace conveyor::kafka
