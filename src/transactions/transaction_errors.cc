#include "transactions/transaction_errors.h"

#include "kafka/errors.h"

namespace conveyor::worker {

bool is_for_good(rd_kafka_resp_err_t error) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
      return true;
    default:
      return false;
  }
}

bool is_not_allowed(const kafka::TransactionalProducer::Outcome& outcome) noexcept {
  return kafka::errc_of(outcome.error, errc::retryable) == errc::not_authorized;
}

bool is_trouble(const kafka::TransactionalProducer::Outcome& outcome) noexcept {
  return outcome.error != RD_KAFKA_RESP_ERR_NO_ERROR && outcome.error != RD_KAFKA_RESP_ERR_UNKNOWN;
}

}  // namespace conveyor::worker
