#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ERRORS_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ERRORS_H_

#include "kafka/transactional_producer.h"

// What the outcome of a transaction's step means, without threads, clock or broker.

namespace conveyor::worker {

/// Another client of the same id would be refused too.
[[nodiscard]] bool is_for_good(rd_kafka_resp_err_t error) noexcept;
/// A right is missing.
[[nodiscard]] bool is_not_allowed(const kafka::TransactionalProducer::Outcome& outcome) noexcept;
/// Whether it speaks of brokers that may lag behind what we know. What this worker found itself does not. Nor does
/// UNKNOWN_SERVER_ERROR: brokers answer so to the commit of a producer that another one is fencing at that moment.
[[nodiscard]] bool is_trouble(const kafka::TransactionalProducer::Outcome& outcome) noexcept;

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ERRORS_H_
