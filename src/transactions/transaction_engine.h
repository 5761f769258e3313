#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ENGINE_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ENGINE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <stop_token>

#include "conveyor/config.h"
#include "conveyor/worker.h"
#include "kafka/reporter.h"
#include "kafka/transactional_producer.h"
#include "produce/waitable_clock.h"
#include "transactions/group_offsets.h"
#include "transactions/patient_calls.h"
#include "transactions/transaction_committer.h"
#include "transactions/transaction_context.h"
#include "transactions/transaction_events.h"
#include "transactions/transaction_listener.h"
#include "transactions/transaction_loop.h"
#include "transactions/transaction_queue.h"
#include "transactions/transaction_state.h"

namespace conveyor::worker {

/// Transactions without their thread: the queue for the threads that read and handle, the loop that commits what they
/// finished, and what both share.
///
/// The owner calls start(), then run_once() on one thread until it returns false, which stop() brings about.
///
/// Thread safety: the queue's functions and stop() may be called from any thread.
class TransactionEngine {
 public:
  struct Surroundings {
    std::shared_ptr<kafka::Reporter> reporter;
    kafka::MakeTransactionalProducer make_client;
    GroupOffsets& group;
    TransactionListener& listener;
    kafka::WaitableClock& clock;
  };

  /// @param config must outlive this object
  /// @param most_kept bytes of outputs above which handlers wait
  /// @throws Error when no client can be made
  TransactionEngine(const Config& config, const ExactlyOnceOptions& options, std::size_t most_kept,
                    const Surroundings& surroundings);
  TransactionEngine(const TransactionEngine&) = delete;
  TransactionEngine& operator=(const TransactionEngine&) = delete;

  /// See TransactionRunner::start().
  void start(std::chrono::milliseconds within, const std::stop_token& stop);

  [[nodiscard]] TransactionQueue& queue() noexcept { return queue_; }
  [[nodiscard]] bool run_once() { return loop_.run_once(); }
  /// Commits what is ready, if that needs no waiting for brokers. Then everything ends.
  void stop();

 private:
  const Config& config_;
  const ExactlyOnceOptions options_;
  const std::shared_ptr<kafka::Reporter> reporter_;
  kafka::WaitableClock& clock_;
  const TransactionEvents events_;
  std::unique_ptr<kafka::TransactionalProducer> client_;
  TransactionState state_;
  PatientCalls calls_;
  const TransactionContext context_;
  TransactionQueue queue_;
  TransactionCommitter committer_;
  TransactionLoop loop_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ENGINE_H_
