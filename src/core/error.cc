#include "conveyor/error.h"

namespace conveyor {
namespace {

class Category final : public std::error_category {
 public:
  const char* name() const noexcept override { return "conveyor"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::ok:
        return "no error";
      case errc::queue_full:
        return "the producer's queue is full";
      case errc::message_too_large:
        return "the message is too large";
      case errc::decode:
        return "the record cannot be decoded";
      case errc::tombstone:
        return "the record is a tombstone";
      case errc::encode:
        return "the message cannot be serialised";
      case errc::unknown_property:
        return "no such Kafka property";
      case errc::invalid_config:
        return "a setting is not valid";
      case errc::no_group:
        return "no consumer group is set";
      case errc::invalid_topic:
        return "not a legal topic name";
      case errc::unknown_topic:
        return "no such topic";
      case errc::unknown_partition:
        return "no such partition";
      case errc::broker_unreachable:
        return "no broker can be reached";
      case errc::not_authorized:
        return "not authorized";
      case errc::timed_out:
        return "timed out";
      case errc::delivery_failed:
        return "the broker refused the record";
      case errc::possibly_delivered:
        return "given up, but the broker may have stored the record";
      case errc::retryable:
        return "a retry may succeed";
      case errc::wrong_type:
        return "the channel carries another message type";
      case errc::handler_failed:
        return "the handler failed";
      case errc::stopped:
        return "stopped";
      case errc::fatal:
        return "failed permanently";
    }
    return "unknown error " + std::to_string(value);
  }
};

}  // namespace

const std::error_category& error_category() noexcept {
  static const Category category;
  return category;
}

std::error_code make_error_code(errc code) noexcept { return {static_cast<int>(code), error_category()}; }

Error::Error(std::error_code code, const std::string& what) : std::system_error(code), text_(what) {}
Error::~Error() = default;

bool Error::retryable() const noexcept {
  return code() == errc::retryable || code() == errc::queue_full || code() == errc::timed_out ||
         code() == errc::broker_unreachable;
}

RetryableError::RetryableError(const std::string& what) : Error(errc::retryable, what) {}
RetryableError::~RetryableError() = default;
bool RetryableError::retryable() const noexcept { return true; }

DecodeError::DecodeError(const std::string& what) : Error(errc::decode, what) {}
DecodeError::~DecodeError() = default;

}  // namespace conveyor
