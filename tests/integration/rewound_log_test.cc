// Brokers that say of an offset that they do not have it: wrongly, as a former leader does that has been frozen, or
// because the topic is another one.

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/reading_member.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

std::vector<std::string> numbers(int first, int end) {
  std::vector<std::string> values;
  for (int i = first; i < end; ++i) values.push_back(std::to_string(i));
  return values;
}

std::vector<RawRecord> records(int first, int end) {
  std::vector<RawRecord> found;
  for (auto& value : numbers(first, end)) found.push_back({.value = std::move(value)});
  return found;
}

class RewoundLog : public MockBrokerTest {
 protected:
  RewoundLog() : config_(new_config()) {
    create_topic(topic_, 1);
    config_.properties["session.timeout.ms"] = "5000";  // the mock may not notice that a member leaves
  }

  /// The next answers to fetches deny every offset.
  static void deny_offsets(int fetches) {
    for (int i = 0; i < fetches; ++i) {
      rd_kafka_mock_push_request_errors(cluster(), kFetchRequest, 1, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE);
    }
  }

  [[nodiscard]] worker::MemberOptions options(StartAt start_at = StartAt::kEarliest) const {
    return {.topics = {topic_}, .start_at = start_at, .commit_interval = 20ms, .shorter_log_after = 1s};
  }

  bool committed(std::int64_t offset) {
    const CommittedOffset committed(config_.group, topic_, 0);
    return eventually([&] { return committed.read() == offset; });
  }

  const std::string topic_ = unique_name("topic");
  Config config_;
};

TEST_F(RewoundLog, IsReadOnWhereItWasWhenABrokerWronglyDeniesAnOffset) {
  write_raw(topic_, records(0, 100));
  ReadingMember member(config_, options());
  ASSERT_TRUE(eventually([&] { return member.values().size() == 100; }, 30s));
  ASSERT_TRUE(committed(100)) << "before that it would begin anew, as after a restart";
  for (int round = 1; round <= 3; ++round) {
    deny_offsets(2);
    write_raw(topic_, records(round * 100, round * 100 + 100));
    ASSERT_TRUE(eventually([&] { return member.different() == 100U + static_cast<std::size_t>(round) * 100; }, 30s));
    ASSERT_TRUE(committed(100 + round * 100));
  }
  EXPECT_EQ(member.values(), numbers(0, 400)) << "each once, in order";
}

TEST_F(RewoundLog, LosesNothingWhenReadingBeganAtItsEnd) {
  write_raw(topic_, records(0, 100));
  ReadingMember member(config_, options(StartAt::kLatest));
  ASSERT_TRUE(eventually([&] { return member.group_member.counters().partitions == 1; }, 30s));
  for (int round = 1; round <= 3; ++round) {
    deny_offsets(2);
    write_raw(topic_, records(round * 100, round * 100 + 100));
    ASSERT_TRUE(eventually([&] { return member.different() == static_cast<std::size_t>(round) * 100; }, 30s));
    ASSERT_TRUE(committed(100 + round * 100)) << "before that it would begin anew, as after a restart";
  }
  EXPECT_EQ(member.values(), numbers(100, 400));
}

TEST_F(RewoundLog, RepeatsNothingThatTheGroupHasCommitted) {
  write_raw(topic_, records(0, 100));
  {
    const ReadingMember member(config_, options());
    ASSERT_TRUE(committed(100));
  }
  deny_offsets(2);
  const ReadingMember next(config_, options());
  ASSERT_TRUE(eventually([&] { return next.group_member.counters().partitions == 1; }, 30s));
  write_raw(topic_, records(100, 200));
  ASSERT_TRUE(eventually([&] { return next.different() >= 100; }, 30s));
  EXPECT_EQ(next.values(), numbers(100, 200));
}

// The group drops its offset with a topic that is deleted: while it does not say whether it has one, a commit could
// pass over records of another log.
TEST_F(RewoundLog, IsNotCommittedWhileTheGroupDoesNotSayWhetherItIsTheSame) {
  write_raw(topic_, records(0, 100));
  ReadingMember member(config_, options());
  ASSERT_TRUE(committed(100));
  tell_no_offsets();
  write_raw(topic_, records(100, 200));
  ASSERT_TRUE(eventually([&] { return member.different() == 200; }, 30s)) << "what is read goes on";
  const auto commits = member.group_member.counters().commits;  // the first has been counted by now
  EXPECT_FALSE(eventually([&] { return member.group_member.counters().commits > commits; }, 3s));
  tell_offsets();
  EXPECT_TRUE(committed(200));
  EXPECT_EQ(member.values(), numbers(0, 200)) << "each once, in order";
}

// What a member does at its end: what it commits last is verified as well.
class RewoundLogAtTheEnd : public RewoundLog {
 protected:
  /// Half of what is there is committed before, and nothing while the member runs.
  RewoundLogAtTheEnd() {
    write_raw(topic_, records(0, 100));
    commit_offset(config_.group, topic_, 0, 50);
    auto reading = options();
    reading.commit_interval = 1h;
    member_.emplace(config_, reading);
  }

  [[nodiscard]] bool has_read() {
    return eventually([&] { return member_->different() == 50; }, 30s);
  }
  [[nodiscard]] std::int64_t committed_now() const { return committed_offset(config_.group, topic_, 0); }
  [[nodiscard]] bool commit_failed() const {
    return !static_cast<const CollectingObserver&>(*config_.observer).events(Event::Kind::kCommitFailed).empty();
  }

  /// The group answers one question more, and then none.
  static void tell_offsets_once() {
    rd_kafka_mock_push_request_errors(cluster(), kOffsetFetchRequest, 1, RD_KAFKA_RESP_ERR_NO_ERROR);
    tell_no_offsets();
  }
  /// The next commits are answered when what the group said before them is old.
  static void refuse_commits(int requests, rd_kafka_resp_err_t error) {
    constexpr int kAfter = 300;  // milliseconds
    for (int i = 0; i < requests; ++i) {
      rd_kafka_mock_broker_push_request_error_rtts(cluster(), 1, kOffsetCommitRequest, 1, error, kAfter);
    }
  }

  std::optional<ReadingMember> member_;
};

TEST_F(RewoundLogAtTheEnd, IsCommittedWhereTheGroupSaysThatItIsTheSame) {
  ASSERT_TRUE(has_read());
  ASSERT_EQ(committed_now(), 50) << "or the tests below say nothing";
  member_.reset();
  EXPECT_EQ(committed_now(), 100);
}

TEST_F(RewoundLogAtTheEnd, IsNotCommittedWhereTheGroupDoesNotSayWhetherItIsTheSame) {
  ASSERT_TRUE(has_read());
  tell_no_offsets();
  member_.reset();
  tell_offsets();
  EXPECT_EQ(committed_now(), 50);
  EXPECT_FALSE(commit_failed()) << "none was tried";
}

TEST_F(RewoundLogAtTheEnd, IsAskedAboutAgainWhereACommitIsRepeated) {
  ASSERT_TRUE(has_read());
  refuse_commits(1, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS);
  tell_offsets_once();
  member_.reset();
  tell_offsets();
  EXPECT_TRUE(commit_failed()) << "the first was tried";
  EXPECT_EQ(committed_now(), 50);
}

TEST_F(RewoundLogAtTheEnd, IsAskedAboutUntilTheGroupSaysThatItIsTheSame) {
  ASSERT_TRUE(has_read());
  refuse_commits(3, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);  // two of which librdkafka repeats by itself
  tell_offsets_once();
  member_->stop();
  ASSERT_TRUE(eventually([&] { return member_->group_member.counters().commit_errors >= 1; }));
  std::this_thread::sleep_for(1500ms);  // for longer than one question waits
  tell_offsets();
  EXPECT_TRUE(committed(100));
}

TEST_F(RewoundLog, IsReadFromItsBeginningWhenItIsAnotherOne) {
  // As where the topic was deleted and recreated while nobody read.
  write_raw(topic_, records(0, 10));
  commit_offset(config_.group, topic_, 0, 100);
  ReadingMember member(config_, options());
  ASSERT_TRUE(eventually([&] { return member.different() == 10; }, 30s));
  EXPECT_EQ(member.values(), numbers(0, 10));
  EXPECT_TRUE(committed(10));
  const auto& observer = static_cast<const CollectingObserver&>(*config_.observer);
  const auto events = observer.events(Event::Kind::kLogReplaced);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_NE(events.front().text.find("the log ends at offset 10, below the read position 100"), std::string::npos);
  write_raw(topic_, records(10, 20));
  EXPECT_TRUE(eventually([&] { return member.values() == numbers(0, 20); }, 30s));
}

// The first commits are refused, so that all partitions have been read when one is told that the topic does not exist.
TEST_F(RewoundLog, IsWaitedForByAllPartitionsOfATopicTogether) {
  constexpr std::size_t kPartitions = 3;
  const std::string topic = unique_name("topic");
  create_topic(topic, kPartitions);
  for (const auto error : {RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}) {
    for (int i = 0; i < 20; ++i) rd_kafka_mock_push_request_errors(cluster(), kOffsetCommitRequest, 1, error);
  }
  std::vector<RawRecord> written;
  for (std::size_t i = 0; i < kPartitions; ++i) {
    written.push_back({.value = std::to_string(i), .partition = static_cast<std::int32_t>(i)});
  }
  write_raw(topic, written);
  config_.properties["max.poll.interval.ms"] = "60000";
  auto reading = options();
  reading.topics = {topic};
  reading.commit_interval = 100ms;
  ReadingMember member(config_, reading);
  ASSERT_TRUE(eventually([&] { return !member.releases().empty(); }, 40s));
  rd_kafka_mock_clear_request_errors(cluster(), kOffsetCommitRequest);
  ASSERT_TRUE(eventually([&] { return member.values().size() >= 2 * kPartitions; }, 40s)) << "again from the beginning";
  const auto releases = member.releases();
  EXPECT_EQ(releases.front().partitions, kPartitions);
  EXPECT_LE(releases.front().within, 25s) << "five sixths of half of the group's patience";
  const auto& observer = static_cast<const CollectingObserver&>(*config_.observer);
  EXPECT_GE(observer.events(Event::Kind::kLogReplaced).size(), kPartitions);
}

}  // namespace
}  // namespace conveyor::tests
