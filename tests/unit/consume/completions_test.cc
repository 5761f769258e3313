#include "consume/completions.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

class CompletionsTest : public ::testing::Test {
 protected:
  Receipt read(const PartitionPtr& of, std::int64_t offset, std::size_t bytes = 10) {
    of->tracker.read(offset);
    of->bytes_in_flight += bytes;
    grow(parts.counters.in_flight, 1);
    return {of, offset, bytes};
  }

  tests::MemberParts parts;
  Completions completions{parts.wakeup};
  PartitionPtr partition = parts.add(0, 0);
};

TEST_F(CompletionsTest, ReachThePartitionOnlyWhenTheyAreApplied) {
  completions.add({read(partition, 0), true});
  EXPECT_EQ(partition->tracker.in_flight(), 1U);
  completions.apply(parts.counters);
  EXPECT_EQ(partition->tracker.in_flight(), 0U);
  EXPECT_EQ(partition->tracker.committable(), 1);
  EXPECT_EQ(partition->bytes_in_flight, 0U);
  EXPECT_EQ(parts.counters.handled, 1U);
  EXPECT_EQ(parts.counters.in_flight, 0U);
}

TEST_F(CompletionsTest, AreAppliedOnce) {
  completions.add({read(partition, 0), true});
  completions.apply(parts.counters);
  completions.apply(parts.counters);
  EXPECT_EQ(parts.counters.handled, 1U);
}

TEST_F(CompletionsTest, OfARecordThatIsGivenUpLeaveItUncommitted) {
  completions.add({read(partition, 0), false});
  completions.apply(parts.counters);
  EXPECT_EQ(partition->tracker.committable(), std::nullopt);
  EXPECT_EQ(partition->begun(), 0U) << "nobody waits for it";
  EXPECT_EQ(parts.counters.handled, 0U);
}

TEST_F(CompletionsTest, OfAPartitionThatWasGivenBackAreStale) {
  const Receipt done = read(partition, 0);
  const Receipt given_up = read(partition, 1);
  partition->become(Partition::State::kRevoked);
  completions.add({done, true});
  completions.add({given_up, false});
  completions.apply(parts.counters);
  EXPECT_EQ(parts.counters.stale, 1U);
  EXPECT_EQ(parts.counters.handled, 0U);
  EXPECT_EQ(partition->tracker.committable(), std::nullopt);
}

TEST_F(CompletionsTest, OfAPartitionThatIsBeingGivenBackCount) {
  const Receipt done = read(partition, 0);
  partition->become(Partition::State::kRevoking);
  completions.add({done, true});
  completions.apply(parts.counters);
  EXPECT_EQ(partition->tracker.committable(), 1);
}

TEST_F(CompletionsTest, OfATransactionAreCommittedAlready) {
  const PartitionPtr fresh = parts.add(1, std::nullopt);
  completions.add({read(fresh, 0), true, TransactedOffset{.offset = 1, .lease_end = 200}});
  completions.apply(parts.counters);
  EXPECT_EQ(fresh->tracker.committable(), std::nullopt);
  EXPECT_EQ(fresh->tracker.base(), 1);
  EXPECT_TRUE(fresh->log.is_stored());
}

TEST_F(CompletionsTest, DoNotLetTheReadingThreadSleepWhenEnoughAreThere) {
  completions.add({read(partition, 0), true});
  const auto before = parts.clock.now();
  completions.sleep(parts.clock, 500ms, 1);
  EXPECT_EQ(parts.clock.now(), before);
  completions.sleep(parts.clock, 500ms, 2);
  EXPECT_EQ(parts.clock.now(), before + 500ms);
}

TEST_F(CompletionsTest, WakeTheReadingThreadOnceEnoughAreThere) {
  const Receipt first = read(partition, 0);
  const Receipt second = read(partition, 1);
  const auto is_signalled = [&] {
    pollfd look{.fd = parts.wakeup->descriptor(), .events = POLLIN, .revents = 0};
    return poll(&look, 1, 0) > 0;
  };
  bool by_the_first = false;
  bool by_the_second = false;
  parts.clock.in(100ms, [&] {
    completions.add({first, true});
    by_the_first = is_signalled();
    completions.add({second, true});
    by_the_second = is_signalled();
  });
  completions.sleep(parts.clock, 500ms, 2);
  EXPECT_FALSE(by_the_first);
  EXPECT_TRUE(by_the_second);
}

}  // namespace
}  // namespace conveyor::worker
