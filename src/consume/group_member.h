#ifndef CONVEYOR_SRC_CONSUME_GROUP_MEMBER_H_
#define CONVEYOR_SRC_CONSUME_GROUP_MEMBER_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "consume/client_recovery.h"
#include "consume/client_slot.h"
#include "consume/completions.h"
#include "consume/member_clock.h"
#include "consume/member_context.h"
#include "consume/missing_topics.h"
#include "consume/offset_committer.h"
#include "consume/partition_lookup.h"
#include "consume/partition_reader.h"
#include "consume/poison_detector.h"
#include "consume/rebalance.h"
#include "consume/receiver.h"
#include "consume/replaced_log_check.h"
#include "consume/retention_check.h"
#include "consume/stall_check.h"
#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "kafka/consumer_client.h"
#include "kafka/group_errors.h"
#include "kafka/wakeup.h"

namespace conveyor::worker {

/// Everything from outside that a GroupMember uses. A test replaces it to drive a member without a broker, a thread or
/// a sleep.
struct MemberEnvironment {
  std::shared_ptr<MemberClock> clock = {};
  std::shared_ptr<kafka::Wakeup> wakeup = {};
  ClientSlot::Make make_client = {};
  /// Throws what make_client would throw about the settings, but makes no connection.
  std::function<void()> check_client = {};
  std::function<std::unique_ptr<PartitionLookup>(const ClientSlot&)> make_lookup = {};
  std::function<double()> random = {};  ///< in [0, 1)

  /// The real ones: librdkafka, the system clock, and threads for questions. @param config must outlive the result
  [[nodiscard]] static MemberEnvironment of(const Config& config, const MemberOptions& options);
};

/// A member of a consumer group. It reads its partitions within bounds, hands the records to a Receiver, and commits
/// what is reported as finished. One thread calls run(); all decisions are made on that thread, by parts of one idea
/// each.
///
/// Thread safety: finish(), give_up(), wake(), hurry(), shorten_metadata() and the const functions may be called from
/// any thread.
class GroupMember final : private kafka::ConsumerClient::Listener, private PartitionReader::ErrorListener {
 public:
  /// @throws Error when no client can be made from these settings
  GroupMember(const Config& config, MemberOptions options, Receiver& receiver);
  GroupMember(const Config& config, MemberOptions options, Receiver& receiver, MemberEnvironment environment);
  ~GroupMember() override;

  /// Reads until `stop`. Then waits up to `drain` for records in flight, commits, and leaves the group.
  /// @throws Error that ended the member; what was finished before it is committed
  void run(const std::stop_token& stop, std::chrono::milliseconds drain);
  /// For tests: one round of run(), without its end. Does everything that is due and does not wait.
  /// @return whether more can be read at once
  bool run_once();

  /// The record is done. Its offset may be committed, or `committed` says that a transaction has committed it.
  void finish(Receipt receipt, std::optional<TransactedOffset> committed = {});
  /// This member will not finish the record: the partition is committed up to it, but no further.
  void give_up(Receipt receipt);
  void wake() noexcept { environment_.wakeup->signal(); }
  /// Some of the records in flight will never be finished nor given up: the end of run() waits only a short time for
  /// them.
  void hurry() noexcept {
    hurry_ = true;
    wake();
  }

  /// The present client, which may be replaced at any time.
  [[nodiscard]] std::shared_ptr<kafka::ConsumerClient> client() const { return client_.get(); }
  /// For transactions, while run() runs.
  [[nodiscard]] kafka::GroupMetadata group_metadata() const { return client()->group_metadata(); }
  [[nodiscard]] std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                             std::chrono::milliseconds within) const {
    return client()->committed(partitions, within);
  }
  /// The most commit metadata that the brokers accept, in bytes.
  [[nodiscard]] std::size_t largest_metadata() const noexcept { return metadata_limit_.bytes(); }
  /// The brokers refused that much metadata.
  void shorten_metadata() { committer_.shorten_metadata(); }

  /// Records in flight when run() ended.
  [[nodiscard]] std::size_t left() const noexcept { return left_; }
  /// Whether the commit of the finished records was confirmed when run() ended.
  [[nodiscard]] bool all_committed() const noexcept { return all_committed_; }

  [[nodiscard]] ConsumerCounters counters() const noexcept { return counters_.snapshot(); }
  [[nodiscard]] HandlerCounters& handler_counters() noexcept { return counters_.handlers; }
  [[nodiscard]] kafka::Reporter& reporter() const noexcept { return reporter_; }

 private:
  void on_assigned(std::vector<kafka::Assigned> partitions) override;
  void on_revoked(std::span<const kafka::TopicPartition> partitions, bool lost) override;
  void on_error(rd_kafka_resp_err_t error, std::string_view text, std::string_view topic) override;
  void on_partition_error(const Partition& partition, const kafka::ConsumedRecord& error) override;

  void look_at_logs(MemberClock::time_point now);
  /// The client failed permanently: another one takes its place, after a while.
  void client_failed(const std::string& why);
  void replace_client();
  [[nodiscard]] std::chrono::milliseconds sleep_for(MemberClock::time_point now) const;
  void end(std::chrono::milliseconds drain);

  const Config config_;
  const MemberOptions options_;
  const MemberEnvironment environment_;
  mutable kafka::Reporter reporter_;
  ClientSlot client_;
  std::vector<PartitionPtr> partitions_;
  MemberCounters counters_;
  MetadataLimit metadata_limit_;
  std::optional<Error> failure_;
  std::atomic<bool> hurry_{false};
  const MemberContext context_;

  Completions completions_;
  ReplacedLogCheck logs_;
  PoisonDetector poison_;
  RetentionCheck retention_;
  StallCheck stalls_;
  MissingTopics topics_;
  OffsetCommitter committer_;
  PartitionReader reader_;
  Rebalance rebalance_;
  ClientRecovery recovery_;
  kafka::InstanceWatch instance_watch_;

  std::atomic<std::size_t> left_{0};
  std::atomic<bool> all_committed_{true};
  bool left_in_time_ = true;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_GROUP_MEMBER_H_
