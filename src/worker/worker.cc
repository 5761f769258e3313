#include "conveyor/worker.h"

#include <fmt/format.h>

#include <chrono>
#include <mutex>

#include "worker/run.h"

namespace conveyor {

using std::chrono::milliseconds;

detail::ErasedHandler::~ErasedHandler() = default;

struct Worker::State {
  Config config;
  WorkerOptions options;
  worker::Routes routes;
  mutable std::mutex mutex;
  std::unique_ptr<worker::Run> running;
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
  if (options.retry.attempts < 1) {
    throw Error(errc::invalid_config,
                fmt::format("RetryOptions::attempts is {}; 1 is a single attempt", options.retry.attempts));
  }
  if (options.crash_attempts < 0 || options.crash_attempts == 1 || options.crash_attempts == 2) {
    throw Error(errc::invalid_config,
                fmt::format("WorkerOptions::crash_attempts is {}; at least 3 deaths are needed to tell a record that "
                            "kills from its neighbours, 0 never looks",
                            options.crash_attempts));
  }
  if (options.exactly_once.enabled &&
      (options.exactly_once.instance.empty() || options.exactly_once.transaction_timeout < milliseconds(1'000))) {
    throw Error(errc::invalid_config,
                options.exactly_once.instance.empty()
                    ? "ExactlyOnceOptions::instance is empty; set it to a name that this worker keeps through restarts "
                      "and that no other worker of the group has, such as 0, 1, 2"
                    : "ExactlyOnceOptions::transaction_timeout is below a second");
  }
  if (options.dead_letter.enabled &&
      (options.dead_letter.topic_suffix.empty() || !detail::legal_topic("x" + options.dead_letter.topic_suffix))) {
    throw Error(errc::invalid_config, fmt::format("DeadLetterOptions::topic_suffix \"{}\" does not make a topic's name",
                                                  options.dead_letter.topic_suffix));
  }
  state_->config = config;
  state_->options = options;
}
Worker::~Worker() = default;
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;

void Worker::add_erased(std::string_view topic, const ChannelOptions& channel, detail::HandlerFactory make) {
  const auto [where, added] = state_->routes.try_emplace(state_->config.topic_prefix + std::string(topic),
                                                         worker::Route{topic, channel, std::move(make)});
  if (!added) throw Error(errc::invalid_config, fmt::format("channel {} has a handler already", topic));
}

RunReport Worker::run(std::stop_token stop) {
  if (state_->routes.empty()) {
    throw Error(errc::invalid_config, "the worker has no handler: call handle() or transform() before run()");
  }
  worker::Run* run = nullptr;
  {
    const std::lock_guard lock{state_->mutex};
    state_->running = std::make_unique<worker::Run>(state_->config, state_->options, state_->routes);
    run = state_->running.get();
  }
  return (*run)(stop);
}

ConsumerCounters Worker::counters() const noexcept {
  const std::lock_guard lock{state_->mutex};
  return state_->running ? state_->running->counters() : ConsumerCounters{};
}

ProducerCounters Worker::producer_counters() const noexcept {
  const std::lock_guard lock{state_->mutex};
  return state_->running ? state_->running->producer_counters() : ProducerCounters{};
}

}  // namespace conveyor
