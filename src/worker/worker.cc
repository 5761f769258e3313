#include "conveyor/worker.h"

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <algorithm>
#include <latch>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "codec/decode.h"
#include "core/producer_core.h"
#include "worker/completion.h"
#include "worker/decode_record.h"
#include "worker/group_reader.h"
#include "worker/lanes.h"

namespace conveyor {

Context::~Context() = default;
detail::ErasedHandler::~ErasedHandler() = default;

namespace {

using std::chrono::milliseconds;

struct Route {
  ChannelOptions channel = {};
  detail::HandlerFactory make = {};
};
using Routes = std::map<std::string, Route, std::less<>>;  // by full topic name

/// One call of Worker::run.
class Run final : public worker::Receiver {
 public:
  Run(const Config& config, const WorkerOptions& options, const Routes& routes)
      : config_(config), options_(options), routes_(routes), reader_(config, reader_options(), *this) {}

  ~Run() override { lanes_.close(); }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  RunReport operator()(const std::stop_token& stop) {
    const std::stop_callback pass_on(stop, [this] { stop_.request_stop(); });
    start_handlers();
    try {
      if (!stop_.stop_requested()) reader_.run(stop_.get_token(), options_.drain_within);
    } catch (const Error& error) {
      fail(error);
    } catch (const std::exception& error) {
      fail(Error(errc::fatal, error.what()));
    }
    lanes_.close();
    threads_.clear();
    close_producer();
    const std::lock_guard lock{mutex_};
    if (failure_) throw *failure_;
    return {.handled = reader_.counters().handled, .left = reader_.left()};
  }

  [[nodiscard]] ConsumerCounters counters() const noexcept { return reader_.counters(); }
  [[nodiscard]] ProducerCounters producer_counters() {
    const std::lock_guard lock{mutex_};
    return producer_ ? producer_->client().counters() : last_producer_counters_;
  }

  // For contexts.
  detail::ProducerCore& producer() {
    const std::lock_guard lock{mutex_};
    if (!producer_) producer_ = std::make_unique<detail::ProducerCore>(config_, options_.producer);
    return *producer_;
  }

  /// The input is done, or was not handled.
  void end(const worker::Receipt& receipt, std::optional<worker::Completion::Failure> failure);

  void receive(worker::Incoming incoming) override { lanes_.push(std::move(incoming)); }
  std::size_t drop(const worker::Partition& partition) override { return lanes_.drop(partition); }

 private:
  using Handlers = std::map<std::string_view, std::unique_ptr<detail::ErasedHandler>>;

  [[nodiscard]] worker::ReaderOptions reader_options() const {
    worker::ReaderOptions options{.start_at = options_.start_at,
                                  .max_in_flight = std::max<std::size_t>(options_.max_in_flight, 1),
                                  .max_in_flight_bytes = std::max<std::size_t>(options_.max_in_flight_bytes, 1),
                                  .commit_every = options_.commit_every,
                                  .revoke_within = options_.revoke_within,
                                  .wait_for_topic = options_.wait_for_topic};
    for (const auto& [topic, route] : routes_) options.topics.push_back(topic);
    return options;
  }

  /// Makes every thread's handlers before the first record is read, so that a model that cannot be loaded ends the
  /// worker before it takes part in the group.
  void start_handlers() {
    std::latch ready{options_.threads};
    for (int i = 0; i < options_.threads; ++i) {
      threads_.emplace_back([this, &ready] {
        Handlers handlers;
        try {
          for (const auto& [topic, route] : routes_) handlers[topic] = route.make();
        } catch (const std::exception& error) {
          fail(Error(errc::handler_failed, fmt::format("a handler could not be made: {}", error.what())));
        } catch (...) {
          fail(Error(errc::handler_failed, "a handler could not be made"));
        }
        ready.count_down();
        while (auto incoming = lanes_.pop()) {
          const worker::PartitionPtr partition = incoming->partition;
          handle(*std::move(incoming), *handlers.at(partition->where.topic));
          lanes_.release(*partition);
        }
      });
    }
    ready.wait();
  }

  void handle(worker::Incoming incoming, detail::ErasedHandler& handler);

  /// Resolves what was not acknowledged in time, while the reader still counts.
  void close_producer() {
    std::unique_ptr<detail::ProducerCore> closing;
    {
      const std::lock_guard lock{mutex_};
      closing = std::move(producer_);
      if (closing) last_producer_counters_ = closing->client().counters();
    }
  }

  void fail(const Error& error) {
    {
      const std::lock_guard lock{mutex_};
      if (!failure_) failure_ = error;
    }
    lanes_.close();
    stop_.request_stop();
  }

  const Config& config_;
  const WorkerOptions& options_;
  const Routes& routes_;
  std::stop_source stop_;
  worker::Lanes lanes_;
  worker::GroupReader reader_;
  std::mutex mutex_;
  std::optional<Error> failure_;
  std::unique_ptr<detail::ProducerCore> producer_;
  ProducerCounters last_producer_counters_;
  std::vector<std::jthread> threads_;
};

/// The Context of one handler call.
class HandlerContext final : public Context {
 public:
  HandlerContext(Run& run, const worker::Partition& partition, std::shared_ptr<worker::Completion> completion,
                 const Record& record, codec::Trace trace)
      : run_(run),
        partition_(partition),
        completion_(std::move(completion)),
        key_(record.key),
        has_key_(record.has_key),
        trace_(std::move(trace)) {}

  [[nodiscard]] int attempt() const noexcept override { return 1; }
  [[nodiscard]] std::stop_token stop() const noexcept override { return partition_.gone.get_token(); }

 private:
  void send_erased(std::string_view topic, const ChannelOptions& channel, const google::protobuf::Message& message,
                   const detail::StampTarget& stamp, const SendOptions& options) override {
    SendOptions with_key = options;
    if (!with_key.key && has_key_) with_key.key = key_;
    completion_->expect();
    auto refusal = run_.producer().send(topic, channel, message, stamp, with_key, &trace_, on_delivery());
    if (!refusal) return;
    completion_->arrive();
    throw Error(refusal->code, refusal->text);
  }

  [[nodiscard]] DeliveryCallback on_delivery() const {
    return [completion = completion_](const Delivery& delivery) {
      if (!delivery.error) return completion->arrive();
      completion->arrive(worker::Completion::Failure{
          delivery.error, fmt::format("an output was not delivered: {}", delivery.error_text)});
    };
  }

  Run& run_;
  const worker::Partition& partition_;
  std::shared_ptr<worker::Completion> completion_;
  const std::string key_;  // a copy: the handler's message takes the record
  const bool has_key_;
  const codec::Trace trace_;
};

class InputCompletion final : public worker::Completion {
 public:
  InputCompletion(Run& run, worker::Receipt receipt) : run_(run), receipt_(std::move(receipt)) {}

 private:
  void end(std::optional<Failure> failure) override { run_.end(receipt_, std::move(failure)); }

  Run& run_;
  const worker::Receipt receipt_;
};

std::string name_of(const worker::Receipt& receipt) {
  const auto& where = receipt.partition->where;
  return fmt::format("record {} [{}] at offset {}", where.topic, where.partition, receipt.offset);
}

void Run::end(const worker::Receipt& receipt, std::optional<worker::Completion::Failure> failure) {
  if (!failure) return reader_.finish(receipt);
  // Asked to give up, a handler may throw; the record comes again.
  if (!receipt.partition->gone.stop_requested()) {
    reader_.handler_counters().handler_errors.fetch_add(1, std::memory_order_relaxed);
    const std::string text =
        fmt::format("{} was not handled: {}; the worker stops rather than skip it", name_of(receipt), failure->text);
    reader_.reporter().report({.kind = Event::Kind::kHandlerFailed,
                               .topic = receipt.partition->where.topic,
                               .partition = receipt.partition->where.partition,
                               .offset = receipt.offset,
                               .error = failure->code,
                               .text = text},
                              Severity::kError);
    fail(Error(failure->code, text));
  }
  reader_.give_up(receipt);
}

void Run::handle(worker::Incoming incoming, detail::ErasedHandler& handler) {
  const worker::PartitionPtr partition = incoming.partition;
  const Route& route = routes_.find(partition->where.topic)->second;
  Record record;
  worker::decode_record(incoming, route.channel.codec, config_.max_message_bytes, reader_, record, handler.value());
  worker::Receipt receipt = worker::receipt_for(incoming);
  incoming = {};  // the bytes are no longer needed

  if (record.error == errc::tombstone && !options_.tombstones) {
    reader_.handler_counters().tombstones.fetch_add(1, std::memory_order_relaxed);
    return reader_.finish(std::move(receipt));
  }
  if (record.error == errc::decode) {
    fail(Error(errc::decode, fmt::format("{} cannot be decoded: {}; the worker stops rather than skip it",
                                         name_of(receipt), record.error_text)));
    return reader_.give_up(std::move(receipt));
  }

  const auto completion = std::make_shared<InputCompletion>(*this, std::move(receipt));
  HandlerContext context{*this, *partition, completion, record, codec::trace_of(record, handler.trace_id())};
  std::optional<worker::Completion::Failure> failure;
  try {
    handler.handle(record, context);
  } catch (const std::exception& error) {
    failure = {errc::handler_failed, fmt::format("the handler threw: {}", error.what())};
  } catch (...) {
    failure = {errc::handler_failed, "the handler threw something that is not an exception"};
  }
  completion->arrive(std::move(failure));
}

}  // namespace

struct Worker::State {
  Config config;
  WorkerOptions options;
  Routes routes;
  mutable std::mutex mutex;
  std::unique_ptr<Run> running;
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
  state_->config = config;
  state_->options = options;
}
Worker::~Worker() = default;
Worker::Worker(Worker&&) noexcept = default;
Worker& Worker::operator=(Worker&&) noexcept = default;

void Worker::add_erased(std::string_view topic, const ChannelOptions& channel, detail::HandlerFactory make) {
  const auto [where, added] =
      state_->routes.try_emplace(state_->config.topic_prefix + std::string(topic), Route{channel, std::move(make)});
  if (!added) throw Error(errc::invalid_config, fmt::format("channel {} has a handler already", topic));
}

RunReport Worker::run(std::stop_token stop) {
  if (state_->routes.empty()) {
    throw Error(errc::invalid_config, "the worker has no handler: call handle() or transform() before run()");
  }
  Run* run = nullptr;
  {
    const std::lock_guard lock{state_->mutex};
    state_->running = std::make_unique<Run>(state_->config, state_->options, state_->routes);
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
