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
#include "consume/log_check.h"
#include "consume/member_clock.h"
#include "consume/member_context.h"
#include "consume/offset_committer.h"
#include "consume/partition_lookup.h"
#include "consume/partition_reader.h"
#include "consume/poison_detector.h"
#include "consume/rebalance.h"
#include "consume/receiver.h"
#include "consume/retention_check.h"
#include "consume/stall_check.h"
#include "consume/topic_check.h"
#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "kafka/consumer_client.h"
#include "kafka/group_errors.h"
#include "kafka/wakeup.h"

namespace conveyor::worker {

/// What a GroupMember has from outside, so that a test drives it by hand: without a broker, a thread or a sleep.
struct MemberEnvironment {
  std::shared_ptr<MemberClock> clock = {};
  std::shared_ptr<kafka::Wakeup> wakeup = {};
  ClientSlot::Make make_client = {};
  /// Throws what make_client would of the settings, without connecting.
  std::function<void()> check_client = {};
  std::function<std::unique_ptr<PartitionLookup>(const ClientSlot&)> make_lookup = {};
  std::function<double()> random = {};  ///< in [0, 1)

  /// librdkafka, the system's clock, and threads for questions. @param config must outlive it
  [[nodiscard]] static MemberEnvironment of(const Config& config, const MemberOptions& options);
};

/// A member of a consumer group: reads its partitions within bounds, hands the records to a Receiver, and commits what
/// is reported as finished. One thread calls run(); all decisions are made on it, by parts of one idea each.
///
/// Thread safety: finish(), give_up(), wake(), hurry(), shorten_metadata() and what is const may be called from any
/// thread.
class GroupMember final : private kafka::ConsumerClient::Listener, private PartitionReader::ErrorListener {
 public:
  /// @throws Error when the client cannot be made of these settings
  GroupMember(const Config& config, MemberOptions options, Receiver& receiver);
  GroupMember(const Config& config, MemberOptions options, Receiver& receiver, MemberEnvironment environment);
  ~GroupMember() override;

  /// Reads until `stop`, then gives `drain` up to its time to let what was begun finish, commits and leaves the group.
  /// @throws Error what ended it; what was finished before is committed
  void run(const std::stop_token& stop, std::chrono::milliseconds drain);
  /// run() without its end, for tests: one round of everything that is due, which does not wait.
  /// @return whether there may be more to read at once
  bool run_once();

  /// The record is done: its offset may be committed, or is.
  void finish(Receipt receipt, std::optional<TransactedOffset> committed = {});
  /// The record will not be done by this member: nothing from it on may be committed.
  void give_up(Receipt receipt);
  void wake() noexcept { environment_.wakeup->signal(); }
  /// Some of what was begun will never be finished nor given up: the end of run() waits for it no longer than for a
  /// moment.
  void hurry() noexcept {
    hurry_ = true;
    wake();
  }

  /// The present one; it may be replaced at any time.
  [[nodiscard]] std::shared_ptr<kafka::ConsumerClient> client() const { return client_.get(); }
  /// For transactions, while run() runs.
  [[nodiscard]] kafka::GroupMetadata group_metadata() const { return client()->group_metadata(); }
  [[nodiscard]] std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                             std::chrono::milliseconds within) const {
    return client()->committed(partitions, within);
  }
  /// What the brokers take beside an offset, in bytes.
  [[nodiscard]] std::size_t largest_metadata() const noexcept { return metadata_limit_.bytes(); }
  /// They took less.
  void shorten_metadata() { committer_.shorten_metadata(); }

  /// Read and not finished when run() ended.
  [[nodiscard]] std::size_t left() const noexcept { return left_; }
  /// The commit of what was finished was confirmed when run() ended.
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
  /// The client failed permanently: another takes its place, after a while.
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
  LogCheck logs_;
  PoisonDetector poison_;
  RetentionCheck retention_;
  StallCheck stalls_;
  TopicCheck topics_;
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
