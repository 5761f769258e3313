#include "transactions/transaction_offsets.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>

#include "unit/transactions/finished_inputs.h"

namespace conveyor::worker {
namespace {

using tests::batch_of;
using tests::new_partition;

PartitionPtr watched_partition(std::int32_t number) {
  auto partition = new_partition(number);
  partition->lease.emplace(PartitionLease::Options{}, std::nullopt, false);
  return partition;
}

TEST(TransactionOffsets, AreBehindTheLastInputOfEachPartition) {
  const auto one = new_partition(1);
  const auto two = new_partition(2);
  const auto offsets = offsets_of(batch_of({{one, 4}, {two, 7}, {one, 9}}), kLargestMetadata);
  ASSERT_EQ(offsets.size(), 2U);
  for (const auto& each : offsets) {
    const std::int64_t expected = each.partition == one ? 10 : 8;
    EXPECT_EQ(each.sent.next, expected);
    EXPECT_EQ(each.stored.offset, expected);
    EXPECT_EQ(each.sent.where, each.partition->where);
  }
}

TEST(TransactionOffsets, OfNoInputsAreNone) {
  EXPECT_TRUE(offsets_of({}, kLargestMetadata).empty());
  EXPECT_TRUE(partitions_of({}).empty());
}

TEST(TransactionOffsets, CarryMetadataOnlyWhereCrashesAreWatched) {
  const auto plain = new_partition(1);
  const auto without = offsets_of(batch_of({{plain, 4}}), kLargestMetadata).front();
  EXPECT_EQ(without.sent.metadata, "");
  EXPECT_EQ(without.stored.lease_end, 0);
  const auto watched = watched_partition(2);
  watched->topic_began_with = 3;
  const auto offset = offsets_of(batch_of({{watched, 4}}), kLargestMetadata).front();
  const auto metadata = decode_commit_metadata(offset.sent.metadata, 5);
  ASSERT_TRUE(metadata) << offset.sent.metadata;
  EXPECT_EQ(metadata->topic_began_with, 3);
  EXPECT_EQ(metadata->lease_end, offset.stored.lease_end);
}

TEST(TransactionOffsets, LeaseTheRecordsOfOneWindowBehindThem) {
  const auto offset = offsets_of(batch_of({{watched_partition(1), 4}}), kLargestMetadata).front();
  EXPECT_EQ(offset.stored.lease_end, 5 + PartitionLease::Options{}.window);
  EXPECT_TRUE(decode_commit_metadata(offset.sent.metadata, 5)->open);
}

TEST(TransactionOffsets, AreSentWithoutMetadataThatTheBrokersWouldRefuse) {
  const auto offset = offsets_of(batch_of({{watched_partition(1), 4}}), 10).front();
  EXPECT_EQ(offset.sent.metadata, "");
  EXPECT_EQ(offset.sent.next, 5);
}

TEST(TransactionOffsets, NameEachPartitionOnce) {
  const auto one = new_partition(1);
  const auto two = new_partition(2);
  const auto partitions = partitions_of(offsets_of(batch_of({{one, 4}, {one, 5}, {two, 7}}), kLargestMetadata));
  ASSERT_EQ(partitions.size(), 2U);
  EXPECT_TRUE((partitions[0] == one && partitions[1] == two) || (partitions[0] == two && partitions[1] == one));
}

TEST(TransactionOffsets, AreToldWithTheLastInputOfTheirPartitionAlone) {
  const auto one = new_partition(1);
  const auto batch = batch_of({{one, 4}, {one, 5}});
  const auto offsets = offsets_of(batch, kLargestMetadata);
  EXPECT_FALSE(stored_with(batch[0], offsets));
  ASSERT_TRUE(stored_with(batch[1], offsets));
  EXPECT_EQ(stored_with(batch[1], offsets)->offset, 6);
  EXPECT_FALSE(stored_with(batch[1], {}));
}

TEST(TransactionOffsets, AreNotToldWithTheSameOffsetOfAnotherAssignment) {
  const auto before = new_partition(1);
  const auto now = new_partition(1);
  const auto offsets = offsets_of(batch_of({{now, 5}}), kLargestMetadata);
  EXPECT_FALSE(stored_with(tests::finished_input(before, 5), offsets));
  EXPECT_TRUE(stored_with(tests::finished_input(now, 5), offsets));
}

}  // namespace
}  // namespace conveyor::worker
