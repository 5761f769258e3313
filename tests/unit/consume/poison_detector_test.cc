#include "consume/poison_detector.h"

#include <gtest/gtest.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

/// Beside the committed offset 10: a run that died with records up to 40 in hand.
CommitMetadata metadata_of_a_dead_run() { return {.run = 5, .offset = 10, .open = true, .lease_end = 40}; }

class PoisonDetectorTest : public ::testing::Test {
 protected:
  explicit PoisonDetectorTest(MemberOptions options = {.commit_metadata = true,
                                                       .crash_attempts = 3,
                                                       .crash_probation = 10s})
      : parts(std::move(options)) {}

  PartitionPtr watched(std::int32_t number, const std::optional<CommitMetadata>& found) {
    const PartitionPtr partition = parts.add(number, 10);
    detector.watch(*partition, found);
    return partition;
  }
  PoisonDetector::Permission may_begin(const PartitionPtr& partition, std::int64_t offset) {
    return detector.may_begin(*partition, offset, parts.clock.now());
  }
  /// As if a commit of what is wanted now was stored.
  static void store(const PartitionPtr& partition, std::int64_t next) {
    PartitionLease& lease = *partition->lease;
    lease.stored(lease.metadata(partition->tracker.base().value_or(next), next));
  }
  void answer() {
    parts.clock.advance(10ms);
    detector.take_answers(parts.clock.now());
  }
  std::size_t told() const { return parts.observer->events(Event::Kind::kProbing).size(); }

  tests::MemberParts parts;
  PoisonDetector detector{parts.context(), 9, parts.make_lookup()};
};

TEST_F(PoisonDetectorTest, LetsARecordBeginOnlyUnderALease) {
  const PartitionPtr partition = watched(0, std::nullopt);
  const auto before = may_begin(partition, 10);
  EXPECT_FALSE(before.begin);
  EXPECT_TRUE(before.commit_soon);
  store(partition, 10);
  EXPECT_TRUE(may_begin(partition, 10).begin);
}

TEST_F(PoisonDetectorTest, AsksForTheNextLeaseBeforeThisOneIsUsedUp) {
  const PartitionPtr partition = watched(0, std::nullopt);
  store(partition, 10);
  const std::int64_t window = partition->lease->window();
  EXPECT_FALSE(may_begin(partition, 10).commit_soon);
  EXPECT_TRUE(may_begin(partition, 10 + window - 1).begin);
  EXPECT_TRUE(may_begin(partition, 10 + window - 1).commit_soon);
  EXPECT_FALSE(may_begin(partition, 10 + window).begin);
}

TEST_F(PoisonDetectorTest, WidensALeaseThatHoldsRecordsUp) {
  const PartitionPtr partition = watched(0, std::nullopt);
  store(partition, 10);
  const std::int64_t window = partition->lease->window();
  static_cast<void>(may_begin(partition, 10 + window));
  EXPECT_EQ(partition->lease->window(), 2 * window);
  detector.exhausted(*partition);
  EXPECT_EQ(partition->lease->window(), window) << "where nothing waits a short one does";
}

TEST_F(PoisonDetectorTest, WatchesNothingWhereBrokersTakeNoMetadata) {
  const PartitionPtr partition = watched(0, std::nullopt);
  parts.metadata_limit.shorten();
  parts.metadata_limit.shorten();
  EXPECT_TRUE(may_begin(partition, 10).begin);
}

TEST_F(PoisonDetectorTest, WaitsForTheEndOfALogWhoseOwnerDied) {
  parts.cluster.logs[0].range = {0, 100};
  const PartitionPtr partition = watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  EXPECT_TRUE(detector.waits_for_end(*partition));
  EXPECT_EQ(told(), 0U);
  answer();
  EXPECT_FALSE(detector.waits_for_end(*partition));
  EXPECT_EQ(told(), 1U);
  EXPECT_TRUE(may_begin(partition, 10).commit_soon) << "the commit must name it first";
}

TEST_F(PoisonDetectorTest, BlamesNothingThatWasNotInTheLogYet) {
  parts.cluster.logs[0].range = {0, 10};
  const PartitionPtr partition = watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  answer();
  EXPECT_EQ(told(), 0U);
  EXPECT_FALSE(partition->lease->probing(10));
}

TEST_F(PoisonDetectorTest, HoldsUpNoOtherPartitionMeanwhile) {
  watched(0, metadata_of_a_dead_run());
  const PartitionPtr other = watched(1, std::nullopt);
  store(other, 10);
  detector.limit_probing(parts.partitions);
  EXPECT_FALSE(detector.waits_for_end(*other));
  EXPECT_TRUE(may_begin(other, 10).begin);
}

TEST_F(PoisonDetectorTest, HandlesOneAtATimeWhereNobodyTellsTheEnd) {
  parts.cluster.logs[0].answers = false;
  const PartitionPtr partition = watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  answer();
  EXPECT_EQ(told(), 0U);
  parts.clock.advance(3s);
  detector.take_answers(parts.clock.now());
  EXPECT_EQ(told(), 1U);
  EXPECT_TRUE(may_begin(partition, 10).commit_soon);
}

TEST_F(PoisonDetectorTest, AsksForPartitionsThatComeMeanwhile) {
  parts.cluster.logs[0].range = parts.cluster.logs[1].range = {0, 100};
  watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  watched(1, metadata_of_a_dead_run());
  detector.limit_probing(std::span(parts.partitions).subspan(1));
  answer();
  EXPECT_EQ(told(), 1U);
  answer();
  EXPECT_EQ(told(), 2U);
}

TEST_F(PoisonDetectorTest, WaitsNotForEverForAnAnswer) {
  parts.cluster.logs[0].hangs = true;
  const PartitionPtr partition = watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  parts.clock.advance(3s);
  detector.take_answers(parts.clock.now());
  EXPECT_FALSE(detector.waits_for_end(*partition));
  EXPECT_EQ(told(), 1U);
}

TEST_F(PoisonDetectorTest, ForgetsAPartitionThatGoesWhileItIsAskedAbout) {
  parts.cluster.logs[0].range = {0, 100};
  watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  detector.remove(*parts.partitions.front());
  parts.partitions.clear();
  answer();
  EXPECT_EQ(told(), 0U);
}

TEST_F(PoisonDetectorTest, BeginsASuspectAloneAndNamed) {
  parts.cluster.logs[0].range = {0, 100};
  const PartitionPtr partition = watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  answer();
  static_cast<void>(may_begin(partition, 10));
  store(partition, 10);
  parts.counters.in_flight = 1;  // of another partition
  EXPECT_FALSE(may_begin(partition, 10).begin);
  parts.counters.in_flight = 0;
  EXPECT_TRUE(may_begin(partition, 10).begin);
}

CommitMetadata metadata_that_names(std::int64_t offset, int deaths) {
  CommitMetadata metadata = metadata_of_a_dead_run();
  metadata.crash_count = deaths;
  metadata.region_end = 40;
  metadata.suspect = offset;
  metadata.last_suspect = offset;
  metadata.deaths = deaths;
  return metadata;
}

TEST_F(PoisonDetectorTest, LivesOnForAWhileBeforeASuspectRecordIsBegunAgain) {
  parts.cluster.logs[0].range = {0, 100};
  const PartitionPtr partition = watched(0, metadata_that_names(10, 1));
  detector.limit_probing(parts.partitions);
  answer();
  EXPECT_TRUE(may_begin(partition, 10).commit_soon);
  store(partition, 10);  // that it waits
  EXPECT_FALSE(may_begin(partition, 10).begin);
  ASSERT_TRUE(detector.waits_until());
  EXPECT_GE(*detector.waits_until() - parts.clock.now(), 10s);
  EXPECT_TRUE(parts.says("WorkerOptions::crash_probation"));
  const auto lines = parts.observer->lines().size();
  EXPECT_FALSE(may_begin(partition, 10).begin);
  EXPECT_EQ(parts.observer->lines().size(), lines) << "it is said once";
}

TEST_F(PoisonDetectorTest, GivesARecordUpOnWhichRunsDied) {
  parts.cluster.logs[0].range = {0, 100};
  const PartitionPtr partition = watched(0, metadata_that_names(10, 5));
  detector.limit_probing(parts.partitions);
  answer();
  PoisonDetector::Permission permission;
  for (int i = 0; i < 10 && !permission.begin; ++i) {
    permission = may_begin(partition, 10);
    store(partition, 10);
    parts.clock.advance(60s);
  }
  EXPECT_TRUE(permission.begin);
  EXPECT_GE(permission.deaths, 3);
  EXPECT_FALSE(parts.failure);
}

TEST_F(PoisonDetectorTest, EndsTheMemberWhereTooManyRecordsKill) {
  parts.cluster.logs[0].range = {0, 100};
  CommitMetadata metadata = metadata_that_names(10, 5);
  metadata.condemned = 10;
  metadata.condemned_since =
      std::chrono::duration_cast<std::chrono::seconds>(parts.clock.calendar().time_since_epoch()).count();
  const PartitionPtr partition = watched(0, metadata);
  detector.limit_probing(parts.partitions);
  answer();
  for (int i = 0; i < 10 && !parts.failure; ++i) {
    EXPECT_FALSE(may_begin(partition, 10).begin);
    store(partition, 10);
    parts.clock.advance(60s);
  }
  ASSERT_TRUE(parts.failure);
  EXPECT_EQ(parts.failure->code(), errc::handler_failed);
  EXPECT_NE(std::string(parts.failure->what()).find("WorkerOptions::crash_attempts = 0"), std::string::npos);
}

TEST_F(PoisonDetectorTest, ReadsWhatEarlierRunsWrote) {
  std::vector<kafka::Assigned> given;
  given.push_back({.where = tests::partition_of(0),
                   .start_offset = {.committed = 10, .metadata = encode(metadata_of_a_dead_run())}});
  given.push_back({.where = tests::partition_of(1), .start_offset = {.committed = 10, .metadata = "somebody else's"}});
  given.push_back({.where = tests::partition_of(2), .start_offset = {.metadata = encode(metadata_of_a_dead_run())}});
  const auto metadata = detector.metadata_of(given);
  ASSERT_EQ(metadata.size(), 3U);
  EXPECT_EQ(metadata[0], metadata_of_a_dead_run());
  EXPECT_FALSE(metadata[1]);
  EXPECT_FALSE(metadata[2]) << "nothing was committed";
}

// A run writes a suspect beside one partition: of the others it had nothing in hand.
TEST_F(PoisonDetectorTest, DoesNotBlameOtherPartitionsOfARunThatNamedASuspect) {
  CommitMetadata names = metadata_that_names(10, 1);
  std::vector<kafka::Assigned> given;
  given.push_back({.where = tests::partition_of(0), .start_offset = {.committed = 10, .metadata = encode(names)}});
  given.push_back({.where = tests::partition_of(1),
                   .start_offset = {.committed = 10, .metadata = encode(metadata_of_a_dead_run())}});
  const auto metadata = detector.metadata_of(given);
  const PartitionPtr first = watched(0, metadata[0]);
  const PartitionPtr second = watched(1, metadata[1]);
  EXPECT_TRUE(first->lease->probing(10));
  EXPECT_FALSE(second->lease->probing(10));
}

class PoisonDetectorOff : public PoisonDetectorTest {
 protected:
  PoisonDetectorOff() : PoisonDetectorTest({.commit_metadata = true, .crash_attempts = 0}) {}
};

TEST_F(PoisonDetectorOff, LetsEverythingBegin) {
  const PartitionPtr partition = watched(0, metadata_of_a_dead_run());
  detector.limit_probing(parts.partitions);
  EXPECT_TRUE(may_begin(partition, 10).begin);
  EXPECT_EQ(parts.lookups.back()->rounds(), 0);
}

}  // namespace
}  // namespace conveyor::worker
