#ifndef CONVEYOR_TESTS_SUPPORT_FAKE_CONSUMER_CLIENT_H_
#define CONVEYOR_TESTS_SUPPORT_FAKE_CONSUMER_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "consume/partition_lookup.h"
#include "kafka/consumer_client.h"
#include "support/fake_member_clock.h"

namespace conveyor::tests {

/// A topic's name that lives as long as the process.
inline constexpr std::string_view kTopic = "images";
[[nodiscard]] inline kafka::TopicPartition partition_of(std::int32_t number) { return {kTopic, number}; }

/// What brokers and a group know, for a FakeConsumerClient.
struct FakeCluster {
  struct Log {
    kafka::LogRange range = {};
    std::optional<std::int64_t> committed = {};  ///< by the group
    bool answers = true;                         ///< its leader and its group's coordinator
    bool hangs = false;                          ///< who asks gets no answer, and is not told that there is none
  };
  std::map<std::int32_t, Log> logs = {};  ///< of kTopic
  std::map<std::string, rd_kafka_resp_err_t, std::less<>> topics = {};
  std::chrono::milliseconds answers_after{5};
};

/// A Kafka client without threads or network: a test says what happens and what the brokers answer.
class FakeConsumerClient final : public kafka::ConsumerClient {
 public:
  using milliseconds = std::chrono::milliseconds;

  FakeConsumerClient(FakeMemberClock& clock, FakeCluster& cluster) : clock_(clock), cluster_(cluster) {}

  // What a test says.
  /// Happens at the next serve().
  void tell(std::function<void(Listener&)> what) { events_.push_back(std::move(what)); }
  void assign(std::vector<std::pair<std::int32_t, kafka::StartOffset>> partitions);
  void revoke(std::vector<std::int32_t> partitions, bool lost = false);
  void error(rd_kafka_resp_err_t code, std::string text = {}, std::string topic = {});
  /// Records of a partition, each with its offset as the value.
  void records(std::int32_t partition, std::int64_t first, std::int64_t end, std::size_t bytes = 1);
  /// The end of a partition's log, or an error among its records.
  void among_records(std::int32_t partition, rd_kafka_resp_err_t code, std::int64_t offset, std::string_view text = {});
  [[nodiscard]] std::size_t unread(std::int32_t partition) const { return queues_.at(partition)->size(); }

  /// How the broker answers a commit, and when; answers that are not set store everything at once.
  struct CommitAnswer {
    kafka::CommitOutcome outcome = {};
    bool stores = true;  ///< all of it, instead of `outcome`
    milliseconds after{0};
  };
  std::deque<CommitAnswer> commit_answers;
  /// While set no commit is answered.
  bool commits_are_held = false;
  bool is_joining = false;
  bool is_lost = false;
  bool has_failed = false;
  bool leaves_in_time = true;
  bool creates_topics = false;
  milliseconds poll_interval{300'000};
  std::map<std::int32_t, std::int64_t> log_starts;  // known_log_start
  std::map<std::int32_t, std::int64_t> passed_to;
  kafka::Reporter own_reporter{nullptr};

  // What a test sees.
  struct Commit {
    std::vector<kafka::OffsetToCommit> offsets = {};
    WhileJoining while_joining = WhileJoining::kDoNot;
  };
  std::vector<Commit> commits;
  std::vector<std::pair<std::int32_t, std::int64_t>> seeks;
  std::vector<std::string> topics_asked;
  int left = 0;
  int destroyed = 0;
  /// What the commits say of a partition, from the first to the last.
  [[nodiscard]] std::vector<std::int64_t> committed_offsets(std::int32_t partition) const;

  // As a client.
  void serve(Listener& listener) override;
  [[nodiscard]] bool joining() const override { return is_joining; }
  bool commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining while_joining) override;
  [[nodiscard]] bool commit_in_flight() const noexcept override { return in_flight_.has_value(); }
  [[nodiscard]] std::optional<kafka::CommitOutcome> poll_commit(milliseconds within) override;
  [[nodiscard]] bool lost() const override { return is_lost || has_failed; }
  [[nodiscard]] std::vector<std::optional<kafka::LogRange>> log_ranges(
      std::span<const kafka::TopicPartition> partitions, milliseconds within) const override;
  [[nodiscard]] std::vector<std::optional<std::int64_t>> log_ends(std::span<const kafka::TopicPartition> partitions,
                                                                  milliseconds within) const override;
  [[nodiscard]] std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                             milliseconds within) const override;
  [[nodiscard]] std::int64_t known_log_start(const kafka::TopicPartition& where) const override;
  [[nodiscard]] std::int64_t passed(const kafka::TopicPartition& where) const override;
  void seek(const kafka::TopicPartition& where, std::int64_t offset) override;
  bool leave(milliseconds within) override;
  void destroy(milliseconds) override { ++destroyed; }
  [[nodiscard]] bool may_create_topics() const override { return creates_topics; }
  [[nodiscard]] rd_kafka_resp_err_t ask_for_topic(const std::string& topic, milliseconds within) override;
  [[nodiscard]] kafka::GroupMetadata group_metadata() const override { return {}; }
  [[nodiscard]] bool failed() const override { return has_failed; }
  [[nodiscard]] milliseconds max_poll_interval() const override { return poll_interval; }
  [[nodiscard]] const kafka::Reporter& reporter() const noexcept override { return own_reporter; }

 private:
  using Records = std::deque<kafka::ConsumedRecord>;
  class Queue;
  [[nodiscard]] std::shared_ptr<Records> queue_of(std::int32_t partition);

  FakeMemberClock& clock_;
  FakeCluster& cluster_;
  std::deque<std::function<void(Listener&)>> events_;
  std::map<std::int32_t, std::shared_ptr<Records>> queues_;
  struct InFlight {
    kafka::CommitOutcome outcome;
    worker::MemberClock::time_point answered_at;
  };
  std::optional<InFlight> in_flight_;
};

/// Questions that are answered by a FakeCluster, after a while.
class FakeLookup final : public worker::PartitionLookup {
 public:
  FakeLookup(FakeMemberClock& clock, const FakeCluster& cluster) : clock_(clock), cluster_(cluster) {}

  void ask(std::vector<Question> questions, std::chrono::milliseconds within) override;
  [[nodiscard]] bool asking() const noexcept override { return asking_; }
  [[nodiscard]] std::vector<Question> take() override;
  void forget() noexcept override {
    asking_ = false;
    questions_.clear();
  }

  [[nodiscard]] int rounds() const noexcept { return rounds_; }
  [[nodiscard]] std::chrono::milliseconds last_within() const noexcept { return within_; }

 private:
  FakeMemberClock& clock_;
  const FakeCluster& cluster_;
  bool asking_ = false;
  std::vector<Question> questions_;
  std::chrono::milliseconds within_{0};
  worker::MemberClock::time_point answered_at_ = {};
  int rounds_ = 0;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_FAKE_CONSUMER_CLIENT_H_
