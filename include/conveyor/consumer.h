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

/// Where a group that has never committed anything of a topic begins.
enum class StartAt {
  kEarliest,  ///< with the oldest record: nothing is missed
  /// With records written from the group's first assignment on. That place is committed at once, before a record is
  /// handled: a restart or a rebalance before the first record misses nothing. Partitions that are added to the topic
  /// later begin at their first record; their number is kept beside the offsets.
  kLatest,
};

struct ConsumerOptions {
  StartAt start_at = StartAt::kEarliest;
  std::stop_token stop = {};  ///< ends the loop; see stop_on_signals()
  bool tombstones = false;    ///< give records without a value to the loop, rather than pass over them
  /// How long the first record's topic may be missing, or every broker unreachable, before the loop throws;
  /// milliseconds::max() waits for ever.
  std::chrono::milliseconds topic_timeout{30'000};
  std::chrono::milliseconds commit_interval{1'000};
  /// How long a partition that another member shall have waits for the message in hand; at most a third of
  /// max.poll.interval.ms.
  std::chrono::milliseconds revoke_timeout{5'000};
  /// What the loop's body sends through: a message is committed only when everything that this producer accepted until
  /// the message was done is acknowledged. Nothing waits for that but the commit, close() and the destructor (up to
  /// revoke_timeout), and a producer that serves others too makes the commit wait for theirs. Null: what the body sends
  /// is not known to the consumer.
  Producer* producer = nullptr;
};

namespace detail {

/// Consumer<T> without its type.
class CONVEYOR_EXPORT ConsumerCore {
 public:
  ConsumerCore(const Config& config, std::string_view topic, const ChannelOptions& channel,
               const ConsumerOptions& options);
  ~ConsumerCore();
  ConsumerCore(ConsumerCore&&) noexcept;
  ConsumerCore& operator=(ConsumerCore&&) noexcept;

  // Fills both and returns none, or errc::timed_out or errc::stopped. @throws what ended the consumer
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

/// Reads a channel, one message after the other; a message counts as done when the next one is asked for.
///
///     conveyor::Consumer consumer{config, kOrders, {.stop = conveyor::stop_on_signals()}};
///     for (const auto& message : consumer) show(message.value());
///
/// - The message in hand when the loop is left by `break` or an exception is not done: the next loop, or the next
///   consumer of the group, gets it again. done() marks it.
/// - An undecodable record comes as a message without a value. Asking for the next one does not pass it silently: call
///   skip(), or the loop throws.
/// - Offsets are committed in the background and by close() and the destructor. Membership of the group is kept by a
///   thread of the consumer's own, however long the loop's body takes.
/// - With ConsumerOptions::stop, or after stop(), the loop ends.
/// - With ConsumerOptions::producer, a send that was not delivered makes the loop throw an Error that names its
///   channel, and every message not known to be acknowledged comes again: in the next loop of this consumer, or to the
///   next consumer of the group. Sends that the producer refuses throw where they are made, or are the body's to look
///   at.
///
/// Thread safety: one thread at a time; only stop() and counters() may be called from another. In a child that was made
/// by fork() nothing can be read: next() and the loop throw errc::fatal, and the destructor does nothing. Make another
/// one there.
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
    /// Marks the message done; fetches nothing yet, so that leaving the loop never waits for one more.
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

  /// Marks the message in hand done if there is one, and returns the next, or null when none came within the time or
  /// the consumer was stopped. The pointer is good until the next call.
  /// @throws Error what ended the consumer: errc::broker_unreachable, unknown_topic, not_authorized, fatal; with the
  ///         code of a send of ConsumerOptions::producer that was not delivered;
  ///         DecodeError when the message in hand is undecodable and was not skipped
  [[nodiscard]] const Message<T>* next(std::chrono::milliseconds within) {
    finish();
    return fetch(within) ? nullptr : &current_;
  }

  /// Like next, but returns what next would throw, and errc::timed_out or errc::stopped.
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

  /// Marks the message in hand done, for loops left by break.
  /// @throws DecodeError when it is undecodable
  void done() { finish(); }

  /// Passes over the message in hand though it has no value.
  void skip() {
    if (have_) core_.done();
    have_ = false;
  }

  /// Ends the loop, as ConsumerOptions::stop does.
  void stop() noexcept { core_.stop(); }

  /// Commits what is done and leaves the group; the destructor does it otherwise, without saying what went wrong.
  /// @throws Error with errc::timed_out when the commit was not confirmed, or a send of ConsumerOptions::producer is
  ///         not resolved in time; as the loop when one was not delivered
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
    if (const auto error = fetch()) throw Error(error, "the consumer was stopped; there is no message to look at");
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
