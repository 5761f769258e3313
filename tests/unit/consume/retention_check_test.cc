#include "consume/retention_check.h"

#include <gtest/gtest.h>

#include "support/member_parts.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;

class RetentionCheckTest : public ::testing::Test {
 protected:
  std::vector<tests::CollectingObserver::Seen> expired() const { return parts.observer->events(Event::Kind::kExpired); }

  tests::MemberParts parts;
  RetentionCheck check{parts.context()};
  PartitionPtr partition = parts.add(0, 10);
};

TEST_F(RetentionCheckTest, TellsWhatWasDeletedBeforeItWasRead) {
  parts.client->log_starts[0] = 25;
  check.skipped(*partition, 10, 25, parts.clock.now());
  ASSERT_EQ(expired().size(), 1U);
  EXPECT_EQ(expired().front().offset, 10);
  EXPECT_TRUE(expired().front().text.find("offsets 10 to 24 were deleted") != std::string::npos)
      << expired().front().text;
  EXPECT_EQ(parts.counters.expired, 15U);
}

TEST_F(RetentionCheckTest, TellsNothingOfGapsThatTheLogHasByItself) {
  parts.client->log_starts[0] = 3;  // compaction, or markers of transactions
  check.skipped(*partition, 10, 25, parts.clock.now());
  EXPECT_TRUE(expired().empty());
  EXPECT_EQ(parts.counters.expired, 0U);
}

TEST_F(RetentionCheckTest, TellsNothingWhereNoStartIsKnown) {
  check.skipped(*partition, 10, 25, parts.clock.now());
  EXPECT_TRUE(expired().empty());
}

TEST_F(RetentionCheckTest, RemembersAStartThatWasSeenBeforeItsRecordsAreRead) {
  parts.client->log_starts[0] = 25;
  check.look_at_all(parts.clock.now());
  parts.client->log_starts[0] = 40;  // it went on meanwhile
  check.skipped(*partition, 10, 25, parts.clock.now());
  ASSERT_EQ(expired().size(), 1U);
  EXPECT_EQ(parts.counters.expired, 15U);
}

TEST_F(RetentionCheckTest, LooksNowAndThen) {
  check.look_at_all(parts.clock.now());
  parts.client->log_starts[0] = 25;
  check.look_at_all(parts.clock.now() + 499ms);
  parts.client->log_starts[0] = 40;
  check.look_at_all(parts.clock.now() + 500ms);
  check.skipped(*partition, 10, 25, parts.clock.now() + 501ms);
  EXPECT_EQ(parts.counters.expired, 0U) << "25 was not seen, and 40 is no part of the gap";
}

TEST_F(RetentionCheckTest, TellsBeforeThePartitionGoes) {
  const auto now = parts.clock.now();
  check.skipped(*partition, 10, 11, now);  // looked at: the next look waits
  parts.client->log_starts[0] = 25;
  check.skipped(*partition, 11, 25, now + 1ms);
  EXPECT_TRUE(expired().empty());
  check.last_look(*partition, now + 2ms);
  EXPECT_EQ(expired().size(), 1U);
  check.last_look(*partition, now + 3ms);
  EXPECT_EQ(expired().size(), 1U) << "once";
}

}  // namespace
}  // namespace conveyor::worker
