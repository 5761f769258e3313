#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONS_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONS_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "consume/answer_limit.h"
#include "consume/group_member.h"
#include "conveyor/config.h"
#include "conveyor/worker.h"
#include "kafka/transaction_client.h"
#include "transactions/kept_outputs.h"
#include "transactions/transaction_book.h"

namespace conveyor::worker {

/// No two different triples have the same: only an instance may not hold '-' as it is. It stays the same through
/// versions, or an earlier life of another version would not be fenced.
[[nodiscard]] std::string transactional_id(std::string_view topic_prefix, std::string_view group,
                                           std::string_view instance);

/// Sends what handlers produced and commits their inputs, in Kafka transactions, one after the other on a thread of its
/// own. A transaction that is aborted is done again with the same outputs; handlers are not called again for it.
///
/// Thread safety: all functions may be called from any thread but the constructor, start() and the destructor.
class Transactions {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void committed(const FinishedInput& input) = 0;
    /// One of its outputs will never be accepted as it is.
    virtual void output_failed(Task task, std::error_code code, const std::string& text) = 0;
    /// It cannot be committed by us any more.
    virtual void uncommitted(FinishedInput input) = 0;
    virtual void transactions_failed(const Error& error) = 0;
    /// By an exception: some of the inputs will not be heard of again.
    virtual void transactions_broke(const char* what) noexcept = 0;
  };

  /// @param most_kept bytes of outputs above which handlers wait
  Transactions(const Config& config, const ExactlyOnceOptions& options, std::size_t most_kept, GroupMember& reader,
               Owner& owner);
  ~Transactions();
  Transactions(const Transactions&) = delete;
  Transactions& operator=(const Transactions&) = delete;

  /// Fences an earlier life of this instance, and begins. @throws Error with errc::broker_unreachable, not_authorized,
  /// stopped or fatal
  void start(std::chrono::milliseconds within, const std::stop_token& stop);

  void begin(const PartitionPtr& partition, std::int64_t offset);
  void finish(Task task, Outputs outputs);
  /// Before something of the partition is handled: waits while too much is kept and can be committed.
  void wait_for_room(const Partition& partition);
  /// The record will not be finished by us.
  void block(const Partition& partition, std::int64_t offset);
  /// No transaction will commit anything of these partitions any more. Waits for one that is asked to commit.
  /// @return false when that is not certain within the time
  bool release(std::span<const PartitionPtr> partitions, std::chrono::milliseconds within);

 private:
  using Clock = std::chrono::steady_clock;
  using Batch = std::vector<FinishedInput>;
  using Outcome = kafka::TransactionClient::Outcome;
  using Result = kafka::TransactionClient::Result;

  void run();
  [[nodiscard]] bool due(Clock::time_point now) const;
  void transact(Batch batch);
  /// What it throws ends the worker.
  void transact_guarded(Batch batch) noexcept;
  void broke(const char* what) noexcept;
  /// What of a partition a transaction commits.
  struct Offset {
    PartitionPtr partition = {};
    TransactedOffset stored = {};
    kafka::OffsetToCommit sent = {};
  };
  [[nodiscard]] Outcome attempt(const Batch& batch, const std::vector<Offset>& offsets);
  [[nodiscard]] Outcome ask_about_logs(const Batch& batch, const std::vector<Offset>& offsets);
  [[nodiscard]] Outcome ask_until_told(std::span<const PartitionPtr> committed, std::span<const PartitionPtr> asked,
                                       AnswerLimit& limit);
  [[nodiscard]] Outcome ask_again_if_old(const std::vector<Offset>& offsets);
  /// What the group said of partitions.
  struct Answer {
    Outcome outcome = {};   ///< kAbort: a topic was made anew
    bool all_told = false;  ///< of all that are to be committed and were asked about
  };
  [[nodiscard]] Answer ask(std::span<const PartitionPtr> committed, std::span<const PartitionPtr> asked,
                           std::chrono::milliseconds within);
  [[nodiscard]] static std::vector<PartitionPtr> partitions_of(const std::vector<Offset>& offsets);
  [[nodiscard]] std::vector<PartitionPtr> partitions_begun() const;
  [[nodiscard]] static bool any_released(const Batch& batch);
  void set_asked_to_commit(bool asked);
  [[nodiscard]] bool may_ask_to_commit(const Batch& batch);
  [[nodiscard]] bool may_be_ours() const;
  [[nodiscard]] Outcome produce(const Batch& batch);
  [[nodiscard]] Outcome abort();
  /// Calls again while that may help.
  template <class Call>
  [[nodiscard]] Outcome insist(std::string_view doing, Call call);
  [[nodiscard]] std::vector<Offset> offsets_of(const Batch& batch) const;
  void settle(const Batch& batch, const std::vector<Offset>& offsets);
  [[nodiscard]] bool hand_back_failed(Batch& batch);
  void leave_out_released(Batch& batch);
  /// The mutex is held.
  void leave_out_released_already_locked(Batch& batch);
  /// The brokers may have committed something of a partition that has left; nothing tells for certain that they did
  /// not.
  void doubt_released(const Batch& batch);
  [[nodiscard]] Error cannot_begin(const Outcome& outcome) const;
  [[nodiscard]] bool rebuild(Batch& batch);
  /// @return false when that is not known
  [[nodiscard]] bool leave_out_committed(Batch& batch);
  void give_up(Batch batch, const std::string& why);
  void end_for_missing_right(Batch batch, const std::string& why);
  void report_waiting(const Batch& batch, const Outcome& why);
  void report_recovered(std::string_view why);
  void say_why(const std::string& text);
  void wait(std::chrono::milliseconds time);

  static constexpr std::size_t kMostInputs = 10'000;  // in one transaction

  const Config& config_;
  const ExactlyOnceOptions options_;
  const std::string id_;
  GroupMember& reader_;
  Owner& owner_;
  std::unique_ptr<kafka::TransactionClient> client_;
  Clock::time_point begun_at_;
  Clock::time_point logs_known_at_;  // what the group has committed was asked then
  bool ever_committed_ = false;
  Clock::time_point troubled_until_ = {};  // brokers may lag behind what we know
  std::size_t most_inputs_ = kMostInputs;  // fewer while one is sought that cannot be sent

  KeptOutputs kept_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  TransactionBook book_;
  Clock::time_point ready_since_ = Clock::time_point::max();
  std::set<Partition*> in_transaction_;
  bool asked_to_commit_ = false;  // in this attempt: how it ended may not be known; set by the thread that transacts
  int releasing_ = 0;
  bool stopping_ = false;
  std::atomic<bool> dead_{false};
  std::thread thread_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTIONS_H_
