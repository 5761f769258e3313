#include "consume/partition_attempts.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace conveyor::worker {
namespace {

constexpr std::uint64_t kDied = 1;

PartitionAttempts found(const CommitMetadata& metadata, bool another_told = false) {
  return {{.run = 2, .attempts = 3, .window = 16, .widest = 64}, metadata, another_told};
}

TEST(PartitionAttempts, SuspectNoRecordThatWasFinished) {
  const CommitMetadata metadata{.run = kDied, .offset = 5, .open = true, .lease_end = 20, .suspect = 3};
  const PartitionAttempts attempts = found(metadata);
  EXPECT_EQ(attempts.deaths_of(3), 0);
  EXPECT_TRUE(attempts.suspects(5, 5)) << "what else was in hand";
  EXPECT_FALSE(found(metadata, true).probing(5)) << "something of another partition was";
}

TEST(PartitionAttempts, SuspectARecordThatIsNamedWhateverElseIsTold) {
  const CommitMetadata metadata{.run = kDied, .offset = 5, .open = true, .lease_end = 20, .suspect = 6};
  for (const bool another_told : {false, true}) {
    const PartitionAttempts attempts = found(metadata, another_told);
    EXPECT_TRUE(attempts.probing(5));
    EXPECT_EQ(attempts.deaths_of(6), 2) << "with the first one, when it had no name";
    EXPECT_EQ(attempts.deaths_to_wait_for(6), 1);
  }
}

TEST(PartitionAttempts, CountDeathsOfOneRecordOnly) {
  const CommitMetadata metadata{.run = kDied,
                                .offset = 4,
                                .open = true,
                                .lease_end = 20,
                                .crash_count = 3,
                                .region_end = 20,
                                .suspect = 6,
                                .last_suspect = 4,
                                .deaths = 2};
  const PartitionAttempts attempts = found(metadata);
  EXPECT_EQ(attempts.deaths_to_wait_for(6), 1);
  EXPECT_EQ(attempts.deaths_of(4), 0);
  EXPECT_FALSE(attempts.must_condemn(6));
}

TEST(PartitionAttempts, SuspectAllThatWasInTheHandsOfAnyThatDied) {
  CommitMetadata metadata{.run = kDied, .offset = 5, .open = true, .lease_end = 20, .crash_count = 1, .region_end = 90};
  EXPECT_TRUE(found(metadata).suspects(89, 5));
  EXPECT_FALSE(found(metadata).suspects(90, 5));
  metadata.lease_end = 100;
  EXPECT_TRUE(found(metadata).suspects(99, 5));
  EXPECT_FALSE(found(metadata).suspects(100, 5));
}

TEST(PartitionAttempts, AllowNothingBehindWhatIsSuspected) {
  const PartitionAttempts attempts =
      found({.run = kDied, .offset = 5, .open = true, .lease_end = 20, .crash_count = 1, .region_end = 90});
  EXPECT_EQ(attempts.plain_metadata(5, 5).lease_end, 90) << "further than a window";
  EXPECT_EQ(attempts.plain_metadata(85, 85).lease_end, 90) << "nearer than a window";
  EXPECT_EQ(attempts.plain_metadata(90, 90).lease_end, 106) << "got past";
}

TEST(PartitionAttempts, AskForOneWaitBeforeARecordIsBegunAgain) {
  PartitionAttempts attempts = found({.run = kDied, .offset = 5, .open = true, .lease_end = 20, .suspect = 5});
  attempts.waited_for(6);
  EXPECT_EQ(attempts.deaths_to_wait_for(5), 1);
  attempts.waited_for(5);
  EXPECT_EQ(attempts.deaths_to_wait_for(5), 0);
  EXPECT_EQ(attempts.deaths_of(5), 2);
}

}  // namespace
}  // namespace conveyor::worker
