#include "consume/partition_lease.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

namespace conveyor::worker {
namespace {

constexpr std::uint64_t kDied = 1;

PartitionLease found(const CommitMetadata& metadata, bool another_told = false) {
  return {{.run = 2, .attempts = 3, .window = 16, .widest = 64}, metadata, another_told};
}

TEST(PartitionLease, SuspectNoRecordThatWasFinished) {
  const CommitMetadata metadata{.run = kDied, .offset = 5, .open = true, .lease_end = 20, .suspect = 3};
  const PartitionLease lease = found(metadata);
  EXPECT_EQ(lease.deaths_of(3), 0);
  EXPECT_TRUE(lease.suspects(5, 5)) << "what else was in hand";
  EXPECT_FALSE(found(metadata, true).probing(5)) << "something of another partition was";
}

TEST(PartitionLease, SuspectARecordThatIsNamedWhateverElseIsTold) {
  const CommitMetadata metadata{.run = kDied, .offset = 5, .open = true, .lease_end = 20, .suspect = 6};
  for (const bool another_told : {false, true}) {
    const PartitionLease lease = found(metadata, another_told);
    EXPECT_TRUE(lease.probing(5));
    EXPECT_EQ(lease.deaths_of(6), 2) << "with the first one, when it had no name";
    EXPECT_EQ(lease.deaths_to_wait_for(6), 1);
  }
}

TEST(PartitionLease, CountDeathsOfOneRecordOnly) {
  const CommitMetadata metadata{.run = kDied,
                                .offset = 4,
                                .open = true,
                                .lease_end = 20,
                                .crash_count = 3,
                                .region_end = 20,
                                .suspect = 6,
                                .last_suspect = 4,
                                .deaths = 2};
  const PartitionLease lease = found(metadata);
  EXPECT_EQ(lease.deaths_to_wait_for(6), 1);
  EXPECT_EQ(lease.deaths_of(4), 0);
  EXPECT_FALSE(lease.must_condemn(6));
}

TEST(PartitionLease, SuspectAllThatWasInTheHandsOfAnyThatDied) {
  CommitMetadata metadata{.run = kDied, .offset = 5, .open = true, .lease_end = 20, .crash_count = 1, .region_end = 90};
  EXPECT_TRUE(found(metadata).suspects(89, 5));
  EXPECT_FALSE(found(metadata).suspects(90, 5));
  metadata.lease_end = 100;
  EXPECT_TRUE(found(metadata).suspects(99, 5));
  EXPECT_FALSE(found(metadata).suspects(100, 5));
}

TEST(PartitionLease, AllowNothingBehindWhatIsSuspected) {
  const PartitionLease lease =
      found({.run = kDied, .offset = 5, .open = true, .lease_end = 20, .crash_count = 1, .region_end = 90});
  EXPECT_EQ(lease.plain_metadata(5, 5).lease_end, 90) << "further than a window";
  EXPECT_EQ(lease.plain_metadata(85, 85).lease_end, 90) << "nearer than a window";
  EXPECT_EQ(lease.plain_metadata(90, 90).lease_end, 106) << "got past";
}

TEST(PartitionLease, AskForOneWaitBeforeARecordIsBegunAgain) {
  PartitionLease lease = found({.run = kDied, .offset = 5, .open = true, .lease_end = 20, .suspect = 5});
  lease.waited_for(6);
  EXPECT_EQ(lease.deaths_to_wait_for(5), 1);
  lease.waited_for(5);
  EXPECT_EQ(lease.deaths_to_wait_for(5), 0);
  EXPECT_EQ(lease.deaths_of(5), 2);
}

}  // namespace
}  // namespace conveyor::worker
