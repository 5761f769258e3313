#include "kafka/errors.h"

namespace conveyor::kafka {

errc errc_of(rd_kafka_resp_err_t error, errc otherwise) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return errc::ok;
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_RECORD_LIST_TOO_LARGE:
      return errc::message_too_large;
    case RD_KAFKA_RESP_ERR__QUEUE_FULL:
      return errc::queue_full;
    case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return errc::timed_out;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
      return errc::unknown_topic;
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
      return errc::invalid_topic;
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
      return errc::unknown_partition;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return errc::broker_unreachable;
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM:
      return errc::not_authorized;
    // Temporary errors of the brokers.
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
    case RD_KAFKA_RESP_ERR_THROTTLING_QUOTA_EXCEEDED:
      return errc::retryable;
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
      return errc::possibly_delivered;
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
      return errc::stopped;
    case RD_KAFKA_RESP_ERR__FATAL:
      return errc::fatal;
    default:
      return otherwise;
  }
}

namespace {

// Error codes of group.protocol=consumer, for which older librdkafka versions have no names:
// https://kafka.apache.org/protocol#protocol_error_codes
constexpr int kFencedMemberEpoch = 110;
constexpr int kStaleMemberEpoch = 113;

}  // namespace

bool means_next_generation(rd_kafka_resp_err_t error) noexcept {
  return error == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION || static_cast<int>(error) == kStaleMemberEpoch;
}

bool means_lost(rd_kafka_resp_err_t error) noexcept {
  switch (static_cast<int>(error)) {
    case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
    case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
    case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
    case kFencedMemberEpoch:
    case kStaleMemberEpoch:
      return true;
    default:
      return false;
  }
}

bool is_curable(rd_kafka_resp_err_t fatal) noexcept {
  switch (fatal) {
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE:
    case RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
    case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
    case RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      return false;
    default:
      return true;
  }
}

}  // namespace conveyor::kafka
