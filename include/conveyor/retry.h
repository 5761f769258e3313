#ifndef CONVEYOR_RETRY_H_
#define CONVEYOR_RETRY_H_

#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>

namespace conveyor {

/// How a worker retries a record whose handler threw an Error that is retryable(), such as RetryableError, or one of
/// whose outputs the brokers refused.
///
/// A topic that accepts no outputs at present (no right to write it, no such topic, no answer) says nothing about the
/// record. The worker then retries the output without limit, and these tries do not count as attempts
/// (Event::Kind::kOutputFailed). Only the record's partition (or key) waits, and the worker stays in its group. The
/// wait ends when the worker stops or the partition is revoked.
struct RetryOptions {
  int attempts = 5;  ///< including the first one; 1: no retry
  std::chrono::milliseconds initial_backoff{100};
  /// The backoff doubles with each attempt up to this limit. The worker waits a random time between half and all of it.
  std::chrono::milliseconds max_backoff{10'000};
  std::chrono::milliseconds retry_timeout{300'000};  ///< counted from the first failure; later failures are not retried
  /// Returns whether to retry an exception that is no retryable() Error; empty: no others are retried. Several threads
  /// may call it.
  std::function<bool(const std::exception&)> also = {};

  /// A value for `also`: retries exceptions of these types and of types derived from them.
  ///
  ///     conveyor::RetryOptions{.attempts = 3, .also = conveyor::RetryOptions::on<DbError, TimeoutError>()}
  template <class... Exceptions>
  [[nodiscard]] static std::function<bool(const std::exception&)> on() {
    static_assert((std::is_base_of_v<std::exception, Exceptions> && ...),
                  "on() takes classes derived from std::exception");
    return [](const std::exception& error) { return (... || (dynamic_cast<const Exceptions*>(&error) != nullptr)); };
  }
};

/// Where the worker sends records that it cannot handle.
///
/// The worker sends the record's raw key, value and headers to its topic's dead-letter topic, with headers that say
/// where the record came from, at which stage it failed and why. It commits the record only after the brokers
/// acknowledge the dead letter. While the dead letter cannot be written, the worker retries with backoff and commits
/// nothing after the record.
struct DeadLetterOptions {
  bool enabled = false;               ///< false: a record that cannot be handled stops the worker
  std::string topic_suffix = "-dlt";  ///< the dead letters of `orders` go to `orders-dlt`
};

/// The order in which a worker handles the records of a partition.
enum class Order {
  kPartition,  ///< one at a time, in the order of the log
  kKey,        ///< one at a time for each key; different keys in parallel
  kUnordered,  ///< all in parallel
};

}  // namespace conveyor

#endif  // CONVEYOR_RETRY_H_
