#ifndef CONVEYOR_SRC_KAFKA_TRANSACTIONAL_PRODUCER_H_
#define CONVEYOR_SRC_KAFKA_TRANSACTIONAL_PRODUCER_H_

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "kafka/consumer_client.h"
#include "kafka/handle.h"
#include "kafka/producer_record.h"

namespace conveyor::kafka {

/// A Kafka client that sends in transactions, from its beginning until it is destroyed. Once it has failed for good,
/// another of the same id takes its place and ends what it left open. TransactionClient is the one of librdkafka.
///
/// Thread safety: one thread. Calls with a time may wait for so long.
class TransactionalProducer {
 public:
  enum class Result {
    kOk,
    kAgain,   ///< the same call may succeed
    kAbort,   ///< abort() and do the transaction again
    kFatal,   ///< the client failed permanently: another one of the same id fences it
    kFenced,  ///< another instance has this id now
  };
  struct Outcome {
    Result result = Result::kOk;
    std::string text = {};
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< what the brokers or the client said
  };
  /// A send that will never succeed as it is.
  struct Failed {
    const ProducerRecord* send = nullptr;
    std::error_code code = {};
    std::string text = {};
  };

  TransactionalProducer() = default;
  virtual ~TransactionalProducer() = default;
  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;

  /// Fences whoever had the id before and ends what that one left open.
  [[nodiscard]] virtual Outcome init(std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual Outcome begin() = 0;
  /// Of what is produced next: the client reads it until the transaction has ended, or until the client is gone.
  virtual void keep(std::shared_ptr<void> sends) = 0;
  [[nodiscard]] virtual Outcome produce(ProducerRecord& send) = 0;
  [[nodiscard]] virtual Outcome send_offsets(std::span<const OffsetToCommit> offsets,
                                             const rd_kafka_consumer_group_metadata_t* group,
                                             std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual Outcome commit(std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual Outcome abort(std::chrono::milliseconds within) = 0;
  /// Of the transaction that was aborted.
  [[nodiscard]] virtual std::vector<Failed> take_failed() = 0;

  /// Nothing but the destructor may be called afterwards.
  virtual void destroy() = 0;
};

/// Makes the next client. @throws whatever stands against it
using MakeTransactionalProducer = std::function<std::unique_ptr<TransactionalProducer>()>;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_TRANSACTIONAL_PRODUCER_H_
