#ifndef CONVEYOR_ERROR_H_
#define CONVEYOR_ERROR_H_

#include <stdexcept>
#include <string>
#include <system_error>

#include "conveyor/export.h"

namespace conveyor {

/// What can go wrong, as values of a `std::error_code`.
enum class errc {
  ok = 0,
  queue_full,          ///< the producer's queue is full; see ProducerOptions::when_full
  message_too_large,   ///< above Config::max_record_bytes or Config::max_message_bytes
  decode,              ///< the record's bytes are not a message of the channel's type
  tombstone,           ///< the record is a tombstone: it has no value (null), which deletes its key
  encode,              ///< no reader could parse the message: a required field is missing, a string is not UTF-8, ...
  unknown_property,    ///< there is no Kafka property of that name
  invalid_config,      ///< a setting has a value that is not allowed
  no_group,            ///< a consumer or worker was made without Config::group
  invalid_topic,       ///< not a legal Kafka topic name
  unknown_topic,       ///< the cluster has no such topic
  unknown_partition,   ///< the topic has no such partition
  broker_unreachable,  ///< no broker answered
  not_authorized,      ///< wrong credentials, or no right to the topic, the group or the transactional id
  timed_out,           ///< nothing arrived, or a delivery was not acknowledged, in the time allowed
  delivery_failed,     ///< the broker refused the record
  possibly_delivered,  ///< given up, although the broker may have stored the record
  retryable,           ///< a retry may succeed
  wrong_type,          ///< the channel carries another message type
  handler_failed,      ///< a handler threw
  stopped,             ///< a stop was requested
  fatal,               ///< failed permanently: make another object, after the cause is removed
};

/// The category of errc; its name is "conveyor".
[[nodiscard]] CONVEYOR_EXPORT const std::error_category& error_category() noexcept;
[[nodiscard]] CONVEYOR_EXPORT std::error_code make_error_code(errc code) noexcept;

/// The root of all exceptions of this library. `what()` says what happened, to which channel, partition and offset, and
/// which setting to change. `code()` is one of errc.
class CONVEYOR_EXPORT Error : public std::system_error {
 public:
  Error(std::error_code code, const std::string& what);
  Error(const Error&) = default;
  Error& operator=(const Error&) = default;
  ~Error() override;

  /// What happened, without the text of the code.
  const char* what() const noexcept override { return text_.what(); }

  /// Whether the same call may succeed later: true for errc::retryable, queue_full, timed_out and broker_unreachable.
  [[nodiscard]] virtual bool retryable() const noexcept;

 private:
  std::runtime_error text_;  // a std::exception whose copies cannot throw
};

/// A handler throws it to have the record tried again.
class CONVEYOR_EXPORT RetryableError : public Error {
 public:
  explicit RetryableError(const std::string& what);
  RetryableError(const RetryableError&) = default;
  RetryableError& operator=(const RetryableError&) = default;
  ~RetryableError() override;

  [[nodiscard]] bool retryable() const noexcept override;
};

/// A record whose bytes are not a message of its channel's type.
class CONVEYOR_EXPORT DecodeError : public Error {
 public:
  explicit DecodeError(const std::string& what);
  DecodeError(const DecodeError&) = default;
  DecodeError& operator=(const DecodeError&) = default;
  ~DecodeError() override;
};

}  // namespace conveyor

template <>
struct std::is_error_code_enum<conveyor::errc> : std::true_type {};

#endif  // CONVEYOR_ERROR_H_
