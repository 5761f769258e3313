#include "transactions/offset_question.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <vector>

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using Clock = StoredOffsetWatch::Clock;

PartitionPtr new_partition(int number, bool stored = true) {
  auto partition = std::make_shared<Partition>(kafka::TopicPartition{"topic", number}, OffsetTracker(), nullptr);
  if (stored) partition->log.stored();
  return partition;
}

/// A worker that transacts, and whose group always has its offsets.
class OffsetQuestion : public testing::Test {
 protected:
  static constexpr int kPartitions = 50;

  OffsetQuestion() {
    for (int i = 0; i < kPartitions; ++i) held.push_back(new_partition(i));
  }

  /// A transaction that commits a partition. @return whether the group was asked before
  bool transact(const PartitionPtr& partition) {
    const auto asked = partitions_to_ask_about(std::span(&partition, 1), held, now);
    for (const auto& each : asked) each->stored_offset.found(now);
    const bool known = !partition->stored_offset.must_ask(now);
    EXPECT_TRUE(known);
    partition->stored_offset.committed(now);
    return !asked.empty();
  }

  std::vector<PartitionPtr> held;
  Clock::time_point now{1h};
};

TEST_F(OffsetQuestion, IsAskedAHundredMillisecondsApartWhereEachPartitionHasARecordNowAndThen) {
  constexpr int kSeconds = 10;
  int questions = 0;
  for (int i = 0; i < kSeconds * kPartitions; ++i, now += 20ms) {  // one a second of each partition
    questions += transact(held[static_cast<std::size_t>(i % kPartitions)]) ? 1 : 0;
  }
  EXPECT_EQ(questions, kSeconds * 10);
}

TEST_F(OffsetQuestion, IsAskedOnceASecondWhereAllPartitionsAreBusy) {
  for (const auto& each : held) {  // each has a phase of its own
    each->stored_offset.found(now);
    now += 20ms;
  }
  constexpr int kSeconds = 10;
  int questions = 0;
  for (int i = 0; i < kSeconds * 50; ++i, now += 20ms) {
    for (const auto& each : held) questions += transact(each) ? 1 : 0;
  }
  EXPECT_LE(questions, kSeconds + 1);
  EXPECT_GE(questions, kSeconds - 1);
}

TEST_F(OffsetQuestion, IsAboutAllPartitionsThatItIsTimeFor) {
  const PartitionPtr first = held[0];
  held[1]->stored_offset.found(now - 99ms);  // just asked about
  held[2] = new_partition(2, false);         // nothing was committed of it: there is nothing to be dropped
  held[3]->stored_offset.found(now - 100ms);
  held.resize(4);
  EXPECT_EQ(partitions_to_ask_about(std::span(&first, 1), held, now), (std::vector{held[0], held[3]}));
}

TEST_F(OffsetQuestion, IsNotAskedForPartitionsThatNobodyCommits) {
  held[0]->stored_offset.found(now);
  EXPECT_TRUE(partitions_to_ask_about(std::span(&held[0], 1), held, now).empty());
  const PartitionPtr fresh = new_partition(0, false);
  EXPECT_TRUE(partitions_to_ask_about(std::span(&fresh, 1), held, now).empty());
}

// Another thread may have given it back meanwhile.
TEST_F(OffsetQuestion, IsAboutWhatIsCommittedEvenIfThatIsNotHeldAnyMore) {
  const PartitionPtr gone = new_partition(100);
  const auto asked = partitions_to_ask_about(std::span(&gone, 1), {}, now);
  EXPECT_EQ(asked, std::vector{gone});
}

}  // namespace
}  // namespace conveyor::worker
