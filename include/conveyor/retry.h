#ifndef CONVEYOR_RETRY_H_
#define CONVEYOR_RETRY_H_

#include <chrono>
#include <exception>
#include <functional>
#include <string>
#include <type_traits>

namespace conveyor {

/// How a worker tries a record again whose handler threw an Error that is retryable(), such as RetryableError, or one of
/// whose outputs the brokers refused.
/// An output that its topic does not take at present (no right to write it, no such topic, no answer) says nothing
/// about the record: that is tried again for as long as it takes, and the tries do not count
/// (Event::Kind::kOutputFailed). Only the record's partition (or key) waits; the worker stays in its group, and the
/// wait ends when the worker stops or the partition is taken away.
struct RetryOptions {
  int attempts = 5;  ///< the first one included; 1: never again
  std::chrono::milliseconds first_wait{100};
  std::chrono::milliseconds longest_wait{10'000};  ///< waits double up to this; half of each is random
  std::chrono::milliseconds total{300'000};        ///< from the first failure; later nothing is tried again
  /// Which exceptions beside those of Error::retryable() are tried again; none where this is empty. May be called by
  /// several threads.
  std::function<bool(const std::exception&)> also = {};

  /// For `also`: exceptions of these types, and of those derived from them.
  ///
  ///     conveyor::RetryOptions{.attempts = 3, .also = conveyor::RetryOptions::on<DbError, TimeoutError>()}
  template <class... Exceptions>
  [[nodiscard]] static std::function<bool(const std::exception&)> on() {
    static_assert((std::is_base_of_v<std::exception, Exceptions> && ...),
                  "on() takes classes derived from std::exception");
    return [](const std::exception& error) { return (... || (dynamic_cast<const Exceptions*>(&error) != nullptr)); };
  }
};

/// Where records go that cannot be handled.
///
/// The record's raw key, value and headers are sent to its topic's dead-letter topic, with headers that say where it
/// came from, at which stage it failed and why; only when that is acknowledged is the record committed. While it cannot
/// be written nothing past the record is committed, and it is tried again with backoff.
struct DeadLetterOptions {
  bool enabled = false;               ///< without it, a record that cannot be handled stops the worker
  std::string topic_suffix = "-dlt";  ///< the dead letters of `orders` go to `orders-dlt`
};

/// In which order a worker handles the records of a partition.
enum class Order {
  kPartition,  ///< one at a time, as they lie in the log
  kKey,        ///< one at a time for each key; different keys at the same time
  kUnordered,  ///< all at the same time
};

}  // namespace conveyor

#endif  // CONVEYOR_RETRY_H_
