#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ERRORS_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ERRORS_H_

#include "kafka/transactional_producer.h"

// What the result of a transaction's step means. Pure: no threads, no clock, no broker.

namespace conveyor::worker {

/// Another client with the same id would be refused too.
[[nodiscard]] bool is_for_good(rd_kafka_resp_err_t error) noexcept;
/// The user lacks a right.
[[nodiscard]] bool is_not_allowed(const kafka::TransactionalProducer::Outcome& outcome) noexcept;
/// Whether the error shows that brokers may lag behind what the client knows. Outcomes that the worker found itself do
/// not show that. Nor does UNKNOWN_SERVER_ERROR: brokers answer so to the commit of a producer that another one is
/// fencing at that moment.
[[nodiscard]] bool is_trouble(const kafka::TransactionalProducer::Outcome& outcome) noexcept;

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_ERRORS_H_
