#include "conveyor/worker.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <string>
#include <vector>

#include "base/thread_annotations.h"
#include "worker/run.h"
#include "worker/worker_parts.h"

namespace conveyor {

using std::chrono::milliseconds;

namespace {

Error batches_beside_middleware(std::string_view topic) {
  return {errc::invalid_config,
          fmt::format("channel {} has a batch handler, which middleware given to Worker::use cannot be put around: "
                      "handle its records one by one, or do what the middleware does in the batch handler and use "
                      "another worker for the channels that need it",
                      topic)};
}

// With read_uncommitted the worker would read committed offsets without those of other workers' open transactions, and
// outputs would come twice.
void check_isolation(const Config& config) {
  const auto level = config.properties.find("isolation.level");
  if (level == config.properties.end()) return;
  std::string value = level->second;
  std::ranges::transform(value, value.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (value == "read_committed") return;
  throw Error(errc::invalid_config,
              fmt::format("the Kafka property isolation.level is {}; ExactlyOnceOptions::enabled needs read_committed, "
                          "which it is when not set",
                          level->second));
}

void check(const RetryOptions& options) {
  if (options.attempts >= 1) return;
  throw Error(errc::invalid_config,
              fmt::format("RetryOptions::attempts is {}; 1 is a single attempt", options.attempts));
}

void check(const DeadLetterOptions& options) {
  if (!options.enabled) return;
  if (!options.topic_suffix.empty() && detail::legal_topic("x" + options.topic_suffix)) return;
  throw Error(errc::invalid_config,
              fmt::format("DeadLetterOptions::topic_suffix \"{}\" does not make a topic's name", options.topic_suffix));
}

}  // namespace

detail::ErasedHandler::~ErasedHandler() = default;
detail::ErasedBatchHandler::~ErasedBatchHandler() = default;

struct Worker::State {
  void add(worker::Route route, const HandlerOptions& own) {
    const RetryOptions& retry = own.retry ? *own.retry : options.retry;
    route.dead_letter = own.dead_letter ? *own.dead_letter : options.dead_letter;
    const std::string_view channel = route.channel;
    try {
      check(retry);
      check(route.dead_letter);
    } catch (const Error& error) {
      throw Error(errc::invalid_config, fmt::format("the handler of channel {}: {}", channel, error.what()));
    }
    route.failure_path = worker::FailurePath(retry);
    if (!routes.try_emplace(config.topic_prefix + std::string(channel), std::move(route)).second) {
      throw Error(errc::invalid_config, fmt::format("channel {} has a handler already", channel));
    }
  }

  Config config;
  WorkerOptions options;
  worker::Routes routes;
  std::vector<Middleware> middleware;
  mutable Mutex mutex;
  std::unique_ptr<worker::Run> running CONVEYOR_GUARDED_BY(mutex);
};

Worker::Worker(const Config& config, const WorkerOptions& options) : state_(std::make_unique<State>()) {
  config.validate();
  if (config.group.empty()) {
    throw Error(errc::no_group,
                "a worker needs a consumer group: set Config::group (CONVEYOR_GROUP), so that its offsets are kept");
  }
  if (options.threads < 1) {
    throw Error(errc::invalid_config,
                fmt::format("WorkerOptions::threads is {}; at least 1 is needed", options.threads));
  }
  check(options.retry);
  check(options.dead_letter);
  if (options.crash_attempts < 0 || options.crash_attempts == 1 || options.crash_attempts == 2) {
    throw Error(errc::invalid_config,
                fmt::format("WorkerOptions::crash_attempts is {}; at least 3 deaths are needed to tell a record that "
                            "kills from its neighbours, 0 never looks",
                            options.crash_attempts));
  }
  if (options.crash_probation < milliseconds(0)) {
    throw Error(errc::invalid_config, fmt::format("WorkerOptions::crash_probation is {} ms; 0 waits for nothing",
                                                  options.crash_probation.count()));
  }
  if (options.producer.when_full == WhenFull::kDrop) {
    throw Error(errc::invalid_config,
                "WorkerOptions::producer.when_full is kDrop; an input is done when its outputs are acknowledged, which "
                "one that was dropped never is: use kBlock, or kFail, with which the input is tried again");
  }
  if (options.exactly_once.enabled) check_isolation(config);
  if (options.exactly_once.enabled &&
      (options.exactly_once.instance.empty() || options.exactly_once.transaction_timeout < milliseconds(1'000))) {
    throw Error(errc::invalid_config,
                options.exactly_once.instance.empty()
                    ? "ExactlyOnceOptions::instance is empty; set it to a name that this worker keeps through restarts "
                      "and that no other worker of the group has, such as 0, 1, 2"
                    : "ExactlyOnceOptions::transaction_timeout is below a second");
  }
  if (options.exactly_once.enabled) {
    kafka::TransactionClient::check(
        config, {.id = options.exactly_once.instance, .timeout = options.exactly_once.transaction_timeout});
  }
  state_->config = config;
  state_->options = options;
}
worker::WorkerParts worker::WorkerParts::of(const Worker& worker) {
  const Worker::State& state = *worker.state_;
  return {state.config, state.options, state.routes, state.middleware};
}

Worker::~Worker() = default;
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;

void Worker::add_erased(std::string_view topic, const ChannelOptions& channel, detail::HandlerFactory make,
                        const HandlerOptions& options) {
  state_->add({.channel = topic, .options = channel, .make = std::move(make)}, options);
}

void Worker::add_batch_erased(std::string_view topic, const ChannelOptions& channel, detail::BatchHandlerFactory make,
                              const BatchOptions& batch, const HandlerOptions& options) {
  if (batch.max_batch < 1 || batch.max_delay < milliseconds(0)) {
    throw Error(errc::invalid_config,
                fmt::format("channel {}: BatchOptions::max_batch is {} and max_delay {} ms; a batch has at least one "
                            "record and waits no negative time",
                            topic, batch.max_batch, batch.max_delay.count()));
  }
  if (!state_->middleware.empty()) throw batches_beside_middleware(topic);
  state_->add({.channel = topic, .options = channel, .make_batch = std::move(make), .batch = batch}, options);
}

void Worker::use(Middleware middleware) {
  if (!middleware) throw Error(errc::invalid_config, "Worker::use was given empty middleware");
  for (const auto& [topic, route] : state_->routes) {
    if (route.make_batch) throw batches_beside_middleware(route.channel);
  }
  state_->middleware.push_back(std::move(middleware));
}

RunReport Worker::run(std::stop_token stop) {
  if (state_->routes.empty()) {
    throw Error(errc::invalid_config, "the worker has no handler: call handle() or transform() before run()");
  }
  worker::Run* run = nullptr;
  {
    const MutexLock lock{state_->mutex};
    state_->running =
        std::make_unique<worker::Run>(state_->config, state_->options, state_->routes, state_->middleware);
    run = state_->running.get();
  }
  return (*run)(stop);
}

RunReport Worker::run() { return run(stop_on_signals()); }

ConsumerCounters Worker::counters() const noexcept {
  const MutexLock lock{state_->mutex};
  return state_->running ? state_->running->counters() : ConsumerCounters{};
}

ProducerCounters Worker::producer_counters() const noexcept {
  const MutexLock lock{state_->mutex};
  return state_->running ? state_->running->producer_counters() : ProducerCounters{};
}

}  // namespace conveyor
