#ifndef CONVEYOR_WORKER_H_
#define CONVEYOR_WORKER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "conveyor/batch.h"
#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/consumer.h"
#include "conveyor/context.h"
#include "conveyor/counters.h"
#include "conveyor/handler.h"
#include "conveyor/message.h"
#include "conveyor/middleware.h"
#include "conveyor/producer.h"
#include "conveyor/retry.h"
#include "conveyor/stop.h"

namespace conveyor {

namespace worker {
struct WorkerParts;
}

/// Handling in Kafka transactions: what a handler sends through its context or returns from a transform, dead letters,
/// and the offset of the input become visible together, or not at all, to readers that read committed records only
/// (librdkafka's and Conveyor's default). A transaction that is aborted is sent again, without calling handlers again;
/// what a handler does elsewhere is outside of it.
struct ExactlyOnceOptions {
  bool enabled = false;
  /// The same for every life of this worker, and another for each other worker of the group: a pod's ordinal, say. It
  /// fences an earlier life that is not quite dead; two workers with the same one stop each other.
  std::string instance = {};
  /// How long what is handled may wait for more before a transaction is committed; nothing waits when all is handled.
  std::chrono::milliseconds commit_interval{100};
  /// After which the brokers abort a transaction of a worker that died; at most transaction.max.timeout.ms (15 min).
  std::chrono::milliseconds transaction_timeout{10'000};
};

struct WorkerOptions {
  int threads = 1;  ///< handler threads
  StartAt start_at = StartAt::kEarliest;
  /// How long run() may take to end: handlers finish, outputs are acknowledged, offsets committed.
  std::chrono::milliseconds drain_timeout{30'000};
  /// How long a partition that another member shall have waits for its handlers; at most a third of
  /// max.poll.interval.ms.
  std::chrono::milliseconds revoke_timeout{30'000};
  std::chrono::milliseconds commit_interval{1'000};
  /// Bounds of what was read and is not done, per partition; records over them stay in the Kafka client, which fetches
  /// ahead up to the Kafka property queued.max.messages.kbytes (64 MiB) of each partition: with many partitions and a
  /// backlog, set it to the memory there is, divided by the partitions that one member may be given.
  std::size_t max_in_flight = 256;
  std::size_t max_in_flight_bytes = std::size_t{16} << 20;
  /// As ConsumerOptions::topic_timeout.
  std::chrono::milliseconds topic_timeout{30'000};
  bool tombstones = false;  ///< give records without a value to the handlers, rather than pass over them
  /// WhenFull::kDrop is refused. With exactly_once only max_queued_bytes counts: while handlers' outputs of so many
  /// bytes wait for their transaction to be committed, nothing more is handled; from half of it on transactions begin
  /// early.
  ProducerOptions producer = {};
  RetryOptions retry = {};
  DeadLetterOptions dead_letter = {};
  Order order = Order::kPartition;
  /// A record on which the process died so often, with nothing else in hand after the first time, is not handled again
  /// but goes to the dead letters (without them it stops the worker); at least 3, or 0: never. While it is not 0, at
  /// most max(128, 2 * max_in_flight) records above the committed offset of a partition are begun.
  int crash_attempts = 3;
  /// Before a record on which the process died while it had nothing else in hand is begun again, or given up, the
  /// process must live for so long, times those deaths (at most 6), with nothing in hand: one that dies by itself
  /// condemns no record. With the defaults a record that kills is given up 30 s of waiting after its first death. More
  /// than 10 records of a partition in an hour stop the worker with errc::handler_failed instead.
  std::chrono::milliseconds crash_probation{10'000};
  ExactlyOnceOptions exactly_once = {};
};

/// What a run did.
struct RunReport {
  std::uint64_t handled = 0;        ///< inputs done, their outputs acknowledged
  std::uint64_t left = 0;           ///< inputs read but not done in time; they come again
  std::uint64_t dead_lettered = 0;  ///< of the handled: written to a dead-letter topic
};

/// Handles the messages of channels: the way services are written.
///
///     conveyor::Worker worker{config, {.threads = 2}};
///     worker.transform(kImages, kPredictions, [](const auto& message) { return label(message.value()); });
///     worker.run();  // until SIGINT or SIGTERM
///
/// - One handler per channel. It takes the message, or its value alone, and, if it wants, a Context&: handler.h.
/// - An input is committed only after its handler returned and everything it sent through its context, or returned
///   from a transform, was acknowledged. After a crash it comes again.
/// - A handler that throws RetryableError, or another Error that is retryable(), gets the record again, after a wait
///   (WorkerOptions::retry, or what HandlerOptions say for one channel).
/// - A record that cannot be decoded, whose handler throws something else, or for which the attempts are used up goes
///   to the dead letters (WorkerOptions::dead_letter); without them it stops the worker with an error that names it.
///   Nothing is skipped.
/// - So does a record on which the process itself dies again and again (WorkerOptions::crash_attempts).
/// - A batch handler takes several records at once (transform_batch); each fails, is tried again and is committed by
///   itself.
/// - What all handlers have in common is put around them with use().
/// - Start more workers of the same group, here or elsewhere, and they share the partitions.
///
/// Thread safety: build it on one thread, then call run() on one; counters() may be called from any.
class CONVEYOR_EXPORT Worker {
 public:
  /// Does not wait for a broker. @throws Error with errc::no_group, unknown_property or invalid_config
  explicit Worker(const Config& config, const WorkerOptions& options = {});
  ~Worker();
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) noexcept;

  /// The handler returns nothing; what is to be sent it sends through its context.
  /// @throws Error with errc::invalid_config when the channel has a handler already
  template <ProtobufMessage In, class F>
  void handle(const Channel<In>& input, F handler, const HandlerOptions& options = {}) {
    if constexpr (detail::check_handler<F, In>()) {
      detail::check_returns_nothing<detail::ReturnedBy<F, In>>();
      const auto call = [](auto& function, const Message<In>& message, Context& context) {
        detail::call(function, message, context);
      };
      add<In>(input, std::move(handler), call, options);
    }
  }

  /// The handler returns Out or std::optional<Out>; what it returns is sent with the input's key and trace.
  template <ProtobufMessage In, ProtobufMessage Out, class F>
  void transform(const Channel<In>& input, const Channel<Out>& output, F handler, const HandlerOptions& options = {}) {
    if constexpr (detail::check_transform<F, In, Out>()) {
      const auto call = [output](auto& function, const Message<In>& message, Context& context) {
        decltype(auto) out = detail::call(function, message, context);
        if constexpr (detail::is_optional<std::remove_cvref_t<decltype(out)>>) {
          if (out) context.send(output, *out);
        } else {
          context.send(output, out);
        }
      };
      add<In>(input, std::move(handler), call, options);
    }
  }

  /// The handler takes several messages at once, in a span of items that it replies to or fails one by one:
  ///
  ///     worker.transform_batch(kImages, kPredictions, [](std::span<conveyor::BatchItem<Image, Prediction>> items) {
  ///       for (auto& item : items) item.reply(label(item.message().value()));
  ///     }, {.max_batch = 16, .max_delay = 2ms});
  ///
  /// - Tombstones that are not asked for and undecodable records are sorted out before.
  /// - With Order::kPartition and kKey a batch may hold several records of a partition or key, in their order; no other
  ///   thread has any of it until the handler has returned. A record that is tried again comes after those that
  ///   followed it in its batch, and before those that follow the batch.
  /// - Where the handler throws, no reply and no failure that it set counts, and it is called again with each item
  ///   alone, so that a bad one never fails its neighbours. What it had sent through the items' contexts may be sent
  ///   twice then, but not in transactions.
  /// - A record that is tried again, or during the search for one on which the process died, is a batch of one.
  /// @throws Error with errc::invalid_config as handle() does, for options that make no batch, or beside use()
  template <ProtobufMessage In, ProtobufMessage Out, class F>
  void transform_batch(const Channel<In>& input, const Channel<Out>& output, F handler, const BatchOptions& batch = {},
                       const HandlerOptions& options = {}) {
    if constexpr (detail::check_batch_handler<F, In, Out>()) {
      detail::check_returns_nothing<std::invoke_result_t<detail::HandlerOf<F>&, std::span<BatchItem<In, Out>>>>();
      const auto send = [output](const BatchItem<In, Out>& item) {
        if (item.replied()) item.context().send(output, *item.replied());
      };
      add_batch<In, Out>(input, std::move(handler), send, batch, options);
    }
  }

  /// The same without replies: the items are BatchItem<In>.
  template <ProtobufMessage In, class F>
  void handle_batch(const Channel<In>& input, F handler, const BatchOptions& batch = {},
                    const HandlerOptions& options = {}) {
    if constexpr (detail::check_batch_handler<F, In, void>()) {
      detail::check_returns_nothing<std::invoke_result_t<detail::HandlerOf<F>&, std::span<BatchItem<In>>>>();
      add_batch<In, void>(
          input, std::move(handler), [](const BatchItem<In>&) {}, batch, options);
    }
  }

  /// Puts middleware around the handlers of all channels, whether added before or after; the first is the outermost.
  /// It is called once per handler thread and channel, before anything is read. Not together with batch handlers, whose
  /// records have no call of their own.
  /// @throws Error with errc::invalid_config when it is empty, or a channel has a batch handler
  void use(Middleware middleware);

  /// Handles messages until `stop` is requested, then drains, commits and leaves the group.
  /// @throws Error naming the record that stopped it, or errc::broker_unreachable, unknown_topic, not_authorized or
  ///         fatal; everything finished before is committed
  RunReport run(std::stop_token stop);

  /// run(stop_on_signals()): until the first SIGINT or SIGTERM, as programs want it. It installs the handlers of these
  /// signals, for the whole process.
  RunReport run();

  [[nodiscard]] ConsumerCounters counters() const noexcept;
  [[nodiscard]] ProducerCounters producer_counters() const noexcept;

 private:
  friend struct worker::WorkerParts;

  template <class In, class F, class Call>
  void add(const Channel<In>& input, F function, Call call, const HandlerOptions& options) {
    auto shared = std::make_shared<F>(std::move(function));  // so that a handler need not be copyable
    const auto make = [shared, call]() -> std::unique_ptr<detail::ErasedHandler> {
      if constexpr (detail::is_per_thread<F>) {
        using Handler = detail::HandlerOf<F>;
        return std::make_unique<detail::TypedHandler<In, Handler, Call>>(shared->make(), call);
      } else {
        auto handler = [shared](const Message<In>& message, Context& context) -> decltype(auto) {
          return detail::call(std::as_const(*shared), message, context);
        };
        return std::make_unique<detail::TypedHandler<In, decltype(handler), Call>>(std::move(handler), call);
      }
    };
    add_erased(input.topic(), input.options(), make, options);
  }
  template <class In, class Out, class F, class Send>
  void add_batch(const Channel<In>& input, F function, Send send, const BatchOptions& batch,
                 const HandlerOptions& options) {
    auto shared = std::make_shared<F>(std::move(function));
    auto make = [shared, send]() -> std::unique_ptr<detail::ErasedBatchHandler> {
      if constexpr (detail::is_per_thread<F>) {
        using Handler = detail::HandlerOf<F>;
        return std::make_unique<detail::TypedBatchHandler<In, Out, Handler, Send>>(shared->make(), send);
      } else {
        auto handler = [shared](std::span<BatchItem<In, Out>> items) {
          const F& each_thread = *shared;
          each_thread(items);
        };
        return std::make_unique<detail::TypedBatchHandler<In, Out, decltype(handler), Send>>(std::move(handler), send);
      }
    };
    add_batch_erased(input.topic(), input.options(), std::move(make), batch, options);
  }
  void add_erased(std::string_view topic, const ChannelOptions& channel, detail::HandlerFactory make,
                  const HandlerOptions& options);
  void add_batch_erased(std::string_view topic, const ChannelOptions& channel, detail::BatchHandlerFactory make,
                        const BatchOptions& batch, const HandlerOptions& options);

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor

#endif  // CONVEYOR_WORKER_H_
