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

/// Handling in Kafka transactions. What a handler sends through its context or returns from a transform, dead letters,
/// and the offset of the input become visible together or not at all. This holds for consumers with
/// isolation.level=read_committed (librdkafka's and Conveyor's default). The worker sends an aborted transaction again,
/// without calling handlers again. Other effects of a handler are not part of the transaction.
struct ExactlyOnceOptions {
  bool enabled = false;
  /// Names this worker within its group, for example by a pod's ordinal. A restarted worker must have the same name
  /// again, because the name fences an earlier process that still runs. Every other worker of the group needs another
  /// name: two workers with the same one stop each other.
  std::string instance = {};
  /// How long handled records may wait for more before their transaction is committed. They do not wait when all
  /// records are handled.
  std::chrono::milliseconds commit_interval{100};
  /// The brokers abort the transaction of a worker that died after this time. At most transaction.max.timeout.ms of the
  /// brokers (15 min by default).
  std::chrono::milliseconds transaction_timeout{10'000};
};

struct WorkerOptions {
  int threads = 1;  ///< handler threads
  StartAt start_at = StartAt::kEarliest;
  /// How long run() may take to end. Meanwhile handlers finish, outputs are acknowledged and offsets are committed.
  std::chrono::milliseconds drain_timeout{30'000};
  /// How long a revoked partition waits for its handlers before another member gets it. At most a third of
  /// max.poll.interval.ms.
  std::chrono::milliseconds revoke_timeout{30'000};
  std::chrono::milliseconds commit_interval{1'000};
  /// Limits, per partition, for records that were read and are not done. Further records stay in the Kafka client,
  /// which fetches ahead up to the Kafka property queued.max.messages.kbytes (64 MiB) for each partition. If there are
  /// many partitions and a backlog, set that property to the available memory divided by the number of partitions that
  /// one member may get.
  std::size_t max_in_flight = 256;
  std::size_t max_in_flight_bytes = std::size_t{16} << 20;
  /// As ConsumerOptions::topic_timeout.
  std::chrono::milliseconds topic_timeout{30'000};
  bool tombstones = false;  ///< give records without a value to the handlers instead of skipping them
  /// WhenFull::kDrop is refused. With exactly_once only max_queued_bytes counts. When outputs of so many bytes wait for
  /// their transaction to be committed, nothing more is handled. From half of it on, transactions begin early.
  ProducerOptions producer = {};
  RetryOptions retry = {};
  DeadLetterOptions dead_letter = {};
  Order order = Order::kPartition;
  /// A record is not handled again after the process died on it this many times, each time but the first with no other
  /// record in hand. It goes to the dead letters; without them it stops the worker. At least 3, or 0 for never. Unless
  /// it is 0, at most max(128, 2 * max_in_flight) records above the committed offset of a partition are begun.
  int crash_attempts = 3;
  /// Protects a record from blame when the process dies for another reason. It applies to a record on which the
  /// process died with no other record in hand. Before the worker begins this record again or gives it up, the process
  /// must live with nothing in hand for this time, multiplied by the number of those deaths (at most 6). With the
  /// defaults, a record that kills the process is given up after 30 s of waiting, counted from its first death. The
  /// worker gives up at most 10 records of a partition in an hour; for a further one it stops with
  /// errc::handler_failed instead.
  std::chrono::milliseconds crash_probation{10'000};
  ExactlyOnceOptions exactly_once = {};
};

/// What a run did.
struct RunReport {
  std::uint64_t handled = 0;        ///< inputs that are done, with their outputs acknowledged
  std::uint64_t left = 0;           ///< inputs that were read but not done in time; they come again
  std::uint64_t dead_lettered = 0;  ///< those of `handled` that were written to a dead-letter topic
};

/// Handles the messages of channels. This is how to write a service.
///
///     conveyor::Worker worker{config, {.threads = 2}};
///     worker.transform(kImages, kPredictions, [](const auto& message) { return label(message.value()); });
///     worker.run();  // until SIGINT or SIGTERM
///
/// - Each channel has one handler. It takes the message, or its value alone, and a Context& if it wants one: handler.h.
/// - The worker commits an input only after its handler has returned, and after everything that the handler sent
///   through its context or returned from a transform is acknowledged. After a crash the input comes again.
/// - A handler that throws RetryableError, or another Error that is retryable(), gets the record again after a wait
///   (WorkerOptions::retry, or HandlerOptions::retry for one channel).
/// - A record goes to the dead letters (WorkerOptions::dead_letter) if it cannot be decoded, if its handler throws
///   anything else, or if its attempts are used up. Without dead letters it stops the worker with an error that names
///   it. The worker never skips such a record.
/// - The same happens to a record on which the process dies again and again (WorkerOptions::crash_attempts).
/// - A batch handler takes several records at once (transform_batch). Each record still fails, is tried again and is
///   committed on its own.
/// - Put what all handlers have in common around them with use().
/// - Start more workers of the same group, here or elsewhere: they share the partitions.
///
/// Thread safety: build it on one thread, then call run() on one thread. Any thread may call counters().
class CONVEYOR_EXPORT Worker {
 public:
  /// The constructor does not wait for a broker. @throws Error with errc::no_group, unknown_property or invalid_config
  explicit Worker(const Config& config, const WorkerOptions& options = {});
  ~Worker();
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) noexcept;

  /// Adds a handler that returns nothing. It sends its outputs through its context.
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

  /// Adds a handler that returns Out or std::optional<Out>. The worker sends what it returns with the input's key and
  /// trace.
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

  /// Adds a handler that takes several messages at once, in a span of items. It replies to each item, or fails it:
  ///
  ///     worker.transform_batch(kImages, kPredictions, [](std::span<conveyor::BatchItem<Image, Prediction>> items) {
  ///       for (auto& item : items) item.reply(label(item.message().value()));
  ///     }, {.max_batch = 16, .max_delay = 2ms});
  ///
  /// - The handler sees no undecodable records, and tombstones only with WorkerOptions::tombstones.
  /// - With Order::kPartition and kKey a batch may hold several records of a partition or key, in their order. No other
  ///   thread gets records of that partition or key until the handler has returned. A record that is tried again comes
  ///   after those that followed it in its batch, and before those that follow the batch.
  /// - If the handler throws, its replies and failures of this call are discarded, and it is called again with each
  ///   item alone. So a bad item never fails its neighbours. Without transactions, what the handler had sent through
  ///   the items' contexts may then be sent twice.
  /// - A record that is tried again is a batch of one. So is every record while the worker searches for the one on
  ///   which the process died.
  /// @throws Error with errc::invalid_config as handle() does, for options that make no batch, or together with use()
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

  /// Adds a batch handler without replies: its items are BatchItem<In>.
  template <ProtobufMessage In, class F>
  void handle_batch(const Channel<In>& input, F handler, const BatchOptions& batch = {},
                    const HandlerOptions& options = {}) {
    if constexpr (detail::check_batch_handler<F, In, void>()) {
      detail::check_returns_nothing<std::invoke_result_t<detail::HandlerOf<F>&, std::span<BatchItem<In>>>>();
      add_batch<In, void>(
          input, std::move(handler), [](const BatchItem<In>&) {}, batch, options);
    }
  }

  /// Puts middleware around the handlers of all channels, also of those that are added later. The first middleware is
  /// the outermost. The worker calls it once for each handler thread and channel, before it reads. Middleware does not
  /// work with batch handlers, because there a record has no call of its own.
  /// @throws Error with errc::invalid_config when the middleware is empty, or when a channel has a batch handler
  void use(Middleware middleware);

  /// Handles messages until `stop` is requested, then drains, commits and leaves the group.
  /// @throws Error naming the record that stopped the worker, or with errc::broker_unreachable, unknown_topic,
  ///         not_authorized or fatal; everything that was finished before is committed
  RunReport run(std::stop_token stop);

  /// Runs until the first SIGINT or SIGTERM: run(stop_on_signals()). It installs the handlers of these signals for the
  /// whole process.
  RunReport run();

  [[nodiscard]] ConsumerCounters counters() const noexcept;
  [[nodiscard]] ProducerCounters producer_counters() const noexcept;

 private:
  friend struct worker::WorkerParts;

  template <class In, class F, class Call>
  void add(const Channel<In>& input, F function, Call call, const HandlerOptions& options) {
    auto shared = std::make_shared<F>(std::move(function));  // shared, so that a handler need not be copyable
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
