#include "cli/commands/partition_lag.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conveyor::cli {
namespace {

using namespace std::chrono_literals;

TEST(PartitionLag, IsUnknownUnlessBothOffsetsAreKnown) {
  EXPECT_EQ((PartitionLag{.committed = 3, .end = 10}.lag()), 7);
  EXPECT_EQ((PartitionLag{.committed = 13, .end = 10}.lag()), -3);
  EXPECT_FALSE((PartitionLag{.end = 10}.lag()).has_value());
  EXPECT_FALSE((PartitionLag{.committed = 3}.lag()).has_value());
}

TEST(PartitionsOfAGroup, AreThoseCommittedAndThoseAssigned) {
  const kafka::GroupFacts group{
      .name = "kitchen",
      .members = {{.client_id = "cook", .host = "/10.0.0.7", .partitions = {{"orders", 1}, {"b", 0}}}}};
  const kafka::CommittedFacts committed{.group = "kitchen", .offsets = {{{"orders", 10}, 5}, {{"orders", 1}, 7}}};
  const auto all = partitions_of(group, committed, {});
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].where.topic, "b");
  EXPECT_FALSE(all[0].committed.has_value());
  EXPECT_EQ(all[1].where.partition, 1);
  EXPECT_EQ(all[1].committed, 7);
  EXPECT_EQ(all[1].client_id, "cook");
  EXPECT_EQ(all[2].where.partition, 10);
  EXPECT_EQ(all[2].client_id, "");
  EXPECT_EQ(partitions_of(group, committed, {"b"}).size(), 1U);
}

TEST(GroupTotal, AddsWhatIsKnownAndTakesTheGreatestAge) {
  const std::vector<PartitionLag> partitions{{.group = "a", .committed = 3, .end = 10, .age = 5s},
                                             {.group = "a", .committed = 10, .end = 2, .age = 0s},
                                             {.group = "a", .end = 10},
                                             {.group = "a", .committed = 1, .end = 2, .age = 7s},
                                             {.group = "b", .committed = 0, .end = 100, .age = 60s}};
  EXPECT_EQ(total_of(partitions, "a").lag, 8);
  EXPECT_EQ(total_of(partitions, "a").age, 7s);
  EXPECT_FALSE(total_of({{.group = "a", .end = 10}}, "a").age.has_value());
}

TEST(LagChanges, CompareAPartitionOfAGroupWithItselfOnly) {
  LagChanges changes;
  PartitionLag partition{.group = "a", .where = {"orders", 0}, .committed = 3, .end = 10};
  EXPECT_FALSE(changes.change(partition).has_value());
  partition.end = 15;
  EXPECT_EQ(changes.change(partition), 5);
  PartitionLag other = partition;
  other.group = "b";
  EXPECT_FALSE(changes.change(other).has_value());
  partition.end = {};
  EXPECT_FALSE(changes.change(partition).has_value());
  partition.end = 16;
  EXPECT_FALSE(changes.change(partition).has_value()) << "the last one was not known";
}

TEST(AgeText, IsShortAndNamesItsUnits) {
  EXPECT_EQ(age_text(0ms), "0.0s");
  EXPECT_EQ(age_text(1250ms), "1.2s");
  EXPECT_EQ(age_text(42s), "42s");
  EXPECT_EQ(age_text(5min + 7s), "5m07s");
  EXPECT_EQ(age_text(3h + 12min), "3h12m");
  EXPECT_EQ(age_text(52h), "2d04h");
}

}  // namespace
}  // namespace conveyor::cli
