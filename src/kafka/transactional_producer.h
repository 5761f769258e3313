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

/// A Kafka client that sends in transactions, from its creation to its destruction. After a fatal error another client
/// with the same transactional id takes its place and ends its open transaction. TransactionClient implements it over
/// librdkafka.
///
/// Thread safety: one thread. Functions with a time limit may wait that long.
class TransactionalProducer {
 public:
  enum class Result {
    kOk,
    kAgain,   ///< the same call may succeed later
    kAbort,   ///< call abort() and repeat the transaction
    kFatal,   ///< the client failed permanently; another one with the same id must fence it
    kFenced,  ///< another instance uses this id now
  };
  struct Outcome {
    Result result = Result::kOk;
    std::string text = {};
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< the error of the brokers or of the client
  };
  /// A send that will never succeed unchanged.
  struct Failed {
    const ProducerRecord* send = nullptr;
    std::error_code code = {};
    std::string text = {};
  };

  TransactionalProducer() = default;
  virtual ~TransactionalProducer() = default;
  TransactionalProducer(const TransactionalProducer&) = delete;
  TransactionalProducer& operator=(const TransactionalProducer&) = delete;

  /// Sends InitProducerId: fences the id's previous owner and ends its open transaction.
  [[nodiscard]] virtual Outcome init(std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual Outcome begin() = 0;
  /// Keeps the sends that are produced next, which the client reads until the transaction has ended or the client is
  /// destroyed.
  virtual void keep(std::shared_ptr<void> sends) = 0;
  [[nodiscard]] virtual Outcome produce(ProducerRecord& send) = 0;
  [[nodiscard]] virtual Outcome send_offsets(std::span<const OffsetToCommit> offsets,
                                             const rd_kafka_consumer_group_metadata_t* group,
                                             std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual Outcome commit(std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual Outcome abort(std::chrono::milliseconds within) = 0;
  /// The sends that failed in the transaction that was aborted.
  [[nodiscard]] virtual std::vector<Failed> take_failed() = 0;

  /// Only the destructor may be called afterwards.
  virtual void destroy() = 0;
};

/// Creates the next client. @throws any exception when that fails
using MakeTransactionalProducer = std::function<std::unique_ptr<TransactionalProducer>()>;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_TRANSACTIONAL_PRODUCER_H_
