#ifndef CONVEYOR_CONSUMER_H_
#define CONVEYOR_CONSUMER_H_

#include <chrono>
#include <cstddef>
#include <iterator>
#include <memory>
#include <stop_token>
#include <string_view>
#include <system_error>

#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "conveyor/error.h"
#include "conveyor/message.h"
#include "conveyor/stop.h"

namespace conveyor {

class Producer;

/// Where reading begins when the group has committed no offset of the topic.
enum class StartAt {
  kEarliest,  ///< at the oldest record, so that no record is missed
  /// At records written after the group's first assignment. That offset is committed at once, before a record is
  /// handled, so that a restart or a rebalance before the first record misses nothing. Partitions that are added to
  /// the topic later are read from their first record; the commit metadata keeps the number of partitions.
  kLatest,
};

struct ConsumerOptions {
  StartAt start_at = StartAt::kEarliest;
  std::stop_token stop = {};  ///< ends the loop; see stop_on_signals()
  bool tombstones = false;    ///< true: the loop gets tombstones too; false: the consumer skips them
  /// How long the topic may be missing, or every broker unreachable, after the consumer starts; then the loop throws.
  /// milliseconds::max() waits for ever.
  std::chrono::milliseconds topic_timeout{30'000};
  std::chrono::milliseconds commit_interval{1'000};  ///< how often offsets are committed
  /// How long the consumer waits for the current message to be done when its partition is revoked; at most a third of
  /// max.poll.interval.ms.
  std::chrono::milliseconds revoke_timeout{5'000};
  /// The producer that the loop's body sends through. A message is then committed only when everything that this
  /// producer accepted before the message was done is acknowledged. Only the commit, close() and the destructor wait
  /// for that (up to revoke_timeout). If the producer serves other code too, the commit also waits for those sends.
  /// Null: the consumer does not wait for any sends.
  Producer* producer = nullptr;
};

namespace detail {

/// Consumer<T> without its message type.
class CONVEYOR_EXPORT ConsumerCore {
 public:
  ConsumerCore(const Config& config, std::string_view topic, const ChannelOptions& channel,
               const ConsumerOptions& options);
  ~ConsumerCore();
  ConsumerCore(ConsumerCore&&) noexcept;
  ConsumerCore& operator=(ConsumerCore&&) noexcept;

  // Fills record and value and returns no error, or returns errc::timed_out or errc::stopped. @throws what ended the
  // consumer
  std::error_code next(Record& record, google::protobuf::Message& value, std::chrono::milliseconds within);
  void done();
  void stop() noexcept;
  void close();
  [[nodiscard]] ConsumerCounters counters() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

[[noreturn]] CONVEYOR_EXPORT void throw_unfinished(const Record& record);

}  // namespace detail

/// Reads a channel, one message after the other. Asking for the next message marks the one before as done.
///
///     conveyor::Consumer consumer{config, kOrders, {.stop = conveyor::stop_on_signals()}};
///     for (const auto& message : consumer) show(message.value());
///
/// - When the loop is left by `break` or an exception, the current message is not done: the next loop, or the next
///   consumer of the group, gets it again. Call done() to mark it.
/// - An undecodable record arrives as a message without a value. Call skip() before you ask for the next message;
///   otherwise the loop throws.
/// - Offsets are committed in the background, by close() and by the destructor. A thread of the consumer keeps the
///   membership in the group, however long the loop's body takes.
/// - The loop ends after ConsumerOptions::stop or stop().
/// - With ConsumerOptions::producer, a failed send makes the loop throw an Error that names its channel. Every message
///   whose sends are not all acknowledged is then read again, by the next loop of this consumer or by the next consumer
///   of the group. Sends that the producer refuses throw where they are made, or are for the body to check.
///
/// Thread safety: one thread at a time; only stop() and counters() may be called from another. After fork() the child
/// cannot read: next() and the loop throw errc::fatal, and the destructor does nothing. Make another consumer in the
/// child.
template <ProtobufMessage T>
class Consumer {
 public:
  /// Does not wait for a broker. @throws Error with errc::no_group, unknown_property or invalid_config
  Consumer(const Config& config, const Channel<T>& channel, const ConsumerOptions& options = {})
      : core_(config, channel.topic(), channel.options(), options) {}

  class Iterator {
   public:
    using value_type = Message<T>;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;
    explicit Iterator(Consumer* consumer) : consumer_(consumer) {}
    const Message<T>& operator*() const {
      consumer_->fetch_or_throw();
      return consumer_->current_;
    }
    const Message<T>* operator->() const { return &**this; }
    /// Marks the message done but fetches no other one, so that leaving the loop never waits.
    Iterator& operator++() {
      consumer_->finish();
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(std::default_sentinel_t) const { return consumer_->fetch() == errc::stopped; }

   private:
    Consumer* consumer_ = nullptr;
  };

  [[nodiscard]] Iterator begin() { return Iterator(this); }
  [[nodiscard]] std::default_sentinel_t end() const noexcept { return {}; }

  /// Marks the current message, if any, as done and returns the next one; null when none arrived in time or the
  /// consumer was stopped. The pointer is valid until the next call.
  /// @throws Error that ended the consumer: errc::broker_unreachable, unknown_topic, not_authorized, fatal; with the
  /// code of a failed send of ConsumerOptions::producer
  /// @throws DecodeError when the current message is undecodable and was not skipped
  [[nodiscard]] const Message<T>* next(std::chrono::milliseconds within) {
    finish();
    return fetch(within) ? nullptr : &current_;
  }

  /// Like next(), but returns the code of what next() would throw, and errc::timed_out or errc::stopped where next()
  /// returns null.
  [[nodiscard]] std::error_code try_next(const Message<T>*& message, std::chrono::milliseconds within) noexcept {
    message = nullptr;
    try {
      finish();
      const std::error_code error = fetch(within);
      if (!error) message = &current_;
      return error;
    } catch (const Error& error) {
      return error.code();
    } catch (...) {
      return errc::fatal;
    }
  }

  /// Marks the current message as done; for loops that are left by break.
  /// @throws DecodeError when it is undecodable
  void done() { finish(); }

  /// Marks the current message as done although it has no value.
  void skip() {
    if (have_) core_.done();
    have_ = false;
  }

  /// Ends the loop, as ConsumerOptions::stop does. May be called from any thread.
  void stop() noexcept { core_.stop(); }

  /// Commits what is done and leaves the group. The destructor does the same, but reports no errors.
  /// @throws Error with errc::timed_out when the commit was not confirmed, or a send of ConsumerOptions::producer was
  /// not resolved, in time; as the loop does when a send failed
  void close() { core_.close(); }

  [[nodiscard]] ConsumerCounters counters() const noexcept { return core_.counters(); }

 private:
  std::error_code fetch(std::chrono::milliseconds within = std::chrono::milliseconds::max()) {
    if (have_) return {};
    std::error_code error;
    current_.refill([&](Record& record, T& value) { error = core_.next(record, detail::recycled(value), within); });
    have_ = !error;
    return error;
  }
  void fetch_or_throw() {
    if (const auto error = fetch()) throw Error(error, "the consumer was stopped and has no message");
  }
  void finish() {
    if (!have_) return;
    if (current_.record().error == errc::decode) detail::throw_unfinished(current_.record());
    core_.done();
    have_ = false;
  }

  detail::ConsumerCore core_;
  Message<T> current_;
  bool have_ = false;
};

template <class T>
Consumer(const Config&, const Channel<T>&) -> Consumer<T>;
template <class T>
Consumer(const Config&, const Channel<T>&, const ConsumerOptions&) -> Consumer<T>;

}  // namespace conveyor

#endif  // CONVEYOR_CONSUMER_H_
