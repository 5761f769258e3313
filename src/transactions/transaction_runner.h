#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RUNNER_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RUNNER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "consume/group_member.h"
#include "conveyor/config.h"
#include "conveyor/worker.h"
#include "kafka/transaction_client.h"
#include "produce/waitable_clock.h"
#include "transactions/transaction_engine.h"
#include "transactions/transactional_id.h"

namespace conveyor::worker {

/// Sends what handlers produced and commits their inputs, in Kafka transactions, one after the other on a thread of its
/// own. An aborted transaction is repeated with the same outputs; handlers are not called again for that.
///
/// Thread safety: all functions may be called from any thread, except the constructor, start() and the destructor.
class TransactionRunner final : private GroupOffsets, private TransactionListener {
 public:
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void committed(const FinishedInput& input) = 0;
    /// One of its outputs will never be accepted unchanged: the record must be handled again.
    virtual void output_failed(Task task, std::error_code code, const std::string& text) = 0;
    /// This worker cannot commit the input any more.
    virtual void uncommitted(FinishedInput input) = 0;
    virtual void transactions_failed(const Error& error) = 0;
    /// An exception ended transactions: some inputs will never be reported.
    virtual void transactions_broke(const char* what) noexcept = 0;
  };

  /// @param most_kept bytes of outputs above which handlers wait
  TransactionRunner(const Config& config, const ExactlyOnceOptions& options, std::size_t most_kept, GroupMember& member,
                    Owner& owner);
  ~TransactionRunner() override;
  TransactionRunner(const TransactionRunner&) = delete;
  TransactionRunner& operator=(const TransactionRunner&) = delete;

  /// Fences a previous run of this instance, and begins.
  /// @throws Error with errc::broker_unreachable, not_authorized, stopped or fatal
  void start(std::chrono::milliseconds within, const std::stop_token& stop);

  // As in the TransactionQueue.
  void begin(const PartitionPtr& partition, std::int64_t offset) { engine_.queue().begin(partition, offset); }
  void finish(Task task, Outputs outputs) { engine_.queue().finish(std::move(task), std::move(outputs)); }
  void wait_for_room(const Partition& partition) { engine_.queue().wait_for_room(partition); }
  void block(const Partition& partition, std::int64_t offset) { engine_.queue().block(partition, offset); }
  [[nodiscard]] bool release(std::span<const PartitionPtr> partitions, std::chrono::milliseconds within) {
    return engine_.queue().release(partitions, within);
  }

 private:
  // GroupOffsets: answered by the member.
  [[nodiscard]] kafka::GroupMetadata metadata() const override { return member_.group_metadata(); }
  [[nodiscard]] std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                             std::chrono::milliseconds within) const override {
    return member_.committed(partitions, within);
  }
  [[nodiscard]] std::size_t largest_metadata() const override { return member_.largest_metadata(); }
  void shorten_metadata() override { member_.shorten_metadata(); }
  void dropped(Partition& partition) override;

  // TransactionListener: tells the owner how inputs end, and the member what is committed.
  void committed(const FinishedInput& input, std::optional<TransactedOffset> stored) override;
  void output_failed(Task task, std::error_code code, const std::string& text) override;
  void uncommitted(FinishedInput input) override { owner_.uncommitted(std::move(input)); }
  void failed(const Error& error) override { owner_.transactions_failed(error); }
  void broke(const char* what) noexcept override { owner_.transactions_broke(what); }

  GroupMember& member_;
  Owner& owner_;
  kafka::SteadyClock clock_;
  TransactionEngine engine_;
  std::thread thread_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_RUNNER_H_
