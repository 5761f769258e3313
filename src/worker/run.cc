#include "worker/run.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <utility>

#include "worker/output_failure.h"
#include "worker/task_events.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr milliseconds kStartOffsetsWithin{15'000};  // with transactions, the transaction timeout is added

double random_part() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

MemberOptions member_options(const WorkerOptions& options, const Routes& routes) {
  MemberOptions member{.start_at = options.start_at,
                       .max_in_flight = std::max<std::size_t>(options.max_in_flight, 1),
                       .max_in_flight_bytes = std::max<std::size_t>(options.max_in_flight_bytes, 1),
                       .commit_interval = options.commit_interval,
                       .revoke_timeout = options.revoke_timeout,
                       .topic_timeout = options.topic_timeout,
                       .start_offsets_within = kStartOffsetsWithin,
                       .commit_metadata = true,
                       .transacted = options.exactly_once.enabled,
                       .crash_attempts = options.crash_attempts,
                       .crash_probation = options.crash_probation};
  // A worker that died may have left a transaction open. The brokers abort it some time after its timeout.
  if (member.transacted) member.start_offsets_within += options.exactly_once.transaction_timeout;
  for (const auto& [topic, route] : routes) member.topics.push_back(topic);
  return member;
}

}  // namespace

Run::Run(const Config& config, const WorkerOptions& options, const Routes& routes,
         std::span<const Middleware> middleware, RunEnvironment environment)
    : config_(config),
      options_(options),
      routes_(routes),
      middleware_(middleware),
      environment_(std::move(environment)),
      member_(config, member_options(options, routes), *this, environment_.member),
      encoder_(config),
      dispatcher_(options.order) {}

Run::~Run() { dispatcher_.close(); }

RunReport Run::operator()(const std::stop_token& stop) {
  const std::stop_callback pass_on(stop, [this] { stop_.request_stop(); });
  try {
    check_dead_letter_topics();
    if (transacts()) {
      transactions_ = std::make_unique<TransactionRunner>(config_, options_.exactly_once,
                                                          options_.producer.max_queued_bytes, member_, *this);
      transactions_->start(options_.topic_timeout, stop_.get_token());
    }
    start_handlers();
    if (!stop_.stop_requested()) member_.run(stop_.get_token(), options_.drain_timeout);
  } catch (const Error& error) {
    // A stop was requested before the run had begun, so nothing is wrong.
    if (error.code() != errc::stopped || !stop.stop_requested()) fail(error);
  } catch (const std::exception& error) {
    fail_unexpectedly(error.what());
  } catch (...) {
    fail_unexpectedly("something that is not an exception");
  }
  dispatcher_.close();
  threads_.clear();
  transactions_.reset();
  close_producer();
  throw_failure();
  return report();
}

void Run::throw_failure() {
  const MutexLock lock{mutex_};
  if (failure_) throw *failure_;
  if (failed_without_words_) throw Error(errc::fatal, "out of memory");
}

RunReport Run::report() const {
  return {.handled = member_.counters().handled, .left = member_.left(), .dead_lettered = dead_letters_};
}

ConsumerCounters Run::counters() const noexcept {
  ConsumerCounters counters = member_.counters();
  counters.retries = retries_;
  counters.dead_letters = dead_letters_;
  return counters;
}

ProducerCounters Run::producer_counters() {
  const MutexLock lock{mutex_};
  return producer_ ? producer_->client().counters() : last_producer_counters_;
}

detail::ProducerCore& Run::producer() {
  const MutexLock lock{mutex_};
  if (!producer_) producer_ = std::make_unique<detail::ProducerCore>(config_, options_.producer, environment_.producer);
  return *producer_;
}

void Run::receive(std::span<Incoming> incoming) {
  for (Incoming& one : incoming) {
    if (transactions_) transactions_->begin(one.partition, one.offset);
  }
  dispatcher_.push(incoming);  // a record condemned for crashes becomes a dead letter when it is taken
}

std::size_t Run::drop(const Partition& partition) {
  const auto dropped = dispatcher_.drop(partition);
  if (transactions_ && dropped.first) transactions_->block(partition, *dropped.first);
  return dropped.records;
}

void Run::release(std::span<const PartitionPtr> partitions, milliseconds within) {
  if (!transactions_ || transactions_->release(partitions, std::min(within, options_.exactly_once.transaction_timeout)))
    return;
  for (const auto& partition : partitions) partition->in_doubt = true;
}

const Route& Run::route_of(const Task& task) const {
  return routes_.find(task.incoming.partition->where.topic)->second;
}

// A missing dead-letter topic would block a partition later, so report it before the first record is read.
void Run::check_dead_letter_topics() {
  for (const auto& [topic, route] : routes_) {
    if (!route.dead_letter.enabled) continue;
    producer().client().require_topic(
        topic + route.dead_letter.topic_suffix,
        "a worker's dead-letter topic; create it, change DeadLetterOptions::topic_suffix, "
        "or set DeadLetterOptions::enabled to false",
        options_.topic_timeout, stop_.get_token());
  }
}

void Run::take_on(Task task, Handlers& handlers) {
  if (task.incoming.deaths > 0 && !task.dead_letter) condemn(task);
  if (task.dead_letter) return send_dead_letter(std::move(task));
  if (transactions_) transactions_->wait_for_room(*task.incoming.partition);
  ThreadHandler& handler = handlers.find(task.incoming.partition->where.topic)->second;
  if (handler.batch) {
    const BatchOptions& batch = handler.route->batch;
    const auto delay = environment_.now ? milliseconds(0) : batch.max_delay;  // no other thread adds records meanwhile
    handle_batch(dispatcher_.collect(std::move(task), batch.max_batch, delay), handler);
  } else if (handler.chain) {
    handle_in_chain(std::move(task), handler);
  } else {
    handle(std::move(task), handler);
  }
}

void Run::condemn(Task& task) {
  task.attempt = task.incoming.deaths;
  task.dead_letter = Task::PendingDeadLetter{
      .stage = DeadLetterStage::kCrash,
      .error = fmt::format("the process died {} times while it handled this record", task.incoming.deaths)};
  report_condemned(member_.reporter(), task);
}

// Must not throw: its callers, destructors of handlers and the producer's thread, catch nothing.
void Run::end(Task task, Outputs outputs, std::optional<Completion::Failure> failure) {
  guarded([&] { finish_or_fail(std::move(task), std::move(outputs), std::move(failure)); });
}

void Run::finish_or_fail(Task task, Outputs outputs, std::optional<Completion::Failure> failure) {
  if (!failure && transactions_) {
    return transactions_->finish(std::move(task), std::move(outputs));
  }
  if (!failure) return member_.finish(receipt_for(task.incoming));
  // A handler may throw because it was asked to stop. That is no failure: the record comes again.
  if (task.incoming.partition->gone.stop_requested()) return give_up(std::move(task));
  if (failure->code == errc::decode) {
    task.dead_letter = Task::PendingDeadLetter{.stage = DeadLetterStage::kDecode, .error = std::move(failure->text)};
    return send_dead_letter(std::move(task));
  }
  member_.handler_counters().handler_errors.fetch_add(1, std::memory_order_relaxed);
  failed(std::move(task), *failure);
}

void Run::failed(Task task, const Completion::Failure& failure) {
  using Step = FailurePath::Next::Step;
  const auto failed_at = now();
  const FailurePath::Next next = route_of(task).failure_path.after(failure, task, failed_at, random());
  const auto wait = std::chrono::duration_cast<milliseconds>(next.due - failed_at);
  switch (next.step) {
    case Step::kRetry:
      report_retry(member_.reporter(), task, failure, wait);
      if (task.first_failure == Clock::time_point{}) task.first_failure = failed_at;
      ++task.attempt;
      break;
    case Step::kHold:
      report_hold(member_.reporter(), task, failure, wait);
      ++task.holds;
      break;
    case Step::kDeadLetter:
      report_not_handled(member_.reporter(), task, failure);
      task.dead_letter = Task::PendingDeadLetter{.stage = DeadLetterStage::kHandler, .error = failure.text};
      return send_dead_letter(std::move(task));
    case Step::kStop:
      fail(Error(failure.code, fmt::format("{}: {}", name_of(task), failure.text)));
      return give_up(std::move(task));
  }
  retries_.fetch_add(1, std::memory_order_relaxed);
  try_again(std::move(task), next.due);
}

void Run::send_dead_letter(Task task) {
  const Partition& partition = *task.incoming.partition;
  const Task::PendingDeadLetter& dead_letter = *task.dead_letter;
  const Route& route = route_of(task);
  if (!route.dead_letter.enabled) {
    const errc code = dead_letter.stage == DeadLetterStage::kDecode ? errc::decode : errc::handler_failed;
    fail(Error(code, why_not_skipped(task)));
    return give_up(std::move(task));
  }

  Record record;
  task.incoming.record.fill_record(partition.where.topic, record);
  const auto headers = dead_letter_headers(
      record.headers,
      {.topic = record.topic,
       .partition = record.partition,
       .offset = record.offset,
       .timestamp_ms = std::chrono::duration_cast<milliseconds>(record.timestamp.time_since_epoch()).count(),
       .group = config_.group,
       .stage = dead_letter.stage,
       .error = dead_letter.error,
       .attempts = dead_letter.stage == DeadLetterStage::kDecode ? 1 : task.attempt,
       .service = config_.service},
      dead_letter.small ? kSmallDeadLetterHeaderBytes : kDeadLetterHeaderBytes);
  const std::string_view topic = detail::intern_topic(std::string(route.channel) + route.dead_letter.topic_suffix, {});
  SendOptions to{.partition = producer().client().partition_exists(topic, record.partition) ? record.partition : -1};
  to.key = record.key;
  const auto value = task.incoming.record.value();
  const bool tombstone = task.incoming.record.is_tombstone();

  const auto fill = [&](kafka::ProducerRecord& send) {
    if (tombstone) {
      send.make_tombstone();
    } else {
      std::ranges::copy(value, send.value());
    }
  };
  if (transactions_) {
    Outputs outputs;
    outputs.push_back(kafka::ProducerRecord::make(topic, to, value.size(), headers, {}));
    fill(*outputs.back());
    const OrderingKey ordering_key = task.ordering_key;
    OrderHold order = std::move(task.order);
    transactions_->finish(std::move(task), std::move(outputs));
    order.release(ordering_key);
    return;
  }
  auto shared = std::make_shared<Task>(std::move(task));  // std::function must be copyable
  auto send = kafka::ProducerRecord::make(topic, to, value.size(), headers, [this, shared](const Delivery& d) {
    guarded([&] { dead_letter_resolved(std::move(*shared), d); });
  });
  fill(*send);
  const std::size_t bytes = send->key_and_value_bytes();
  if (const auto refusal = producer().client().submit(std::move(send), bytes)) {
    dead_letter_resolved(std::move(*shared), {.error = refusal->code, .error_text = refusal->text, .topic = topic});
  }
}

void Run::dead_letter_resolved(Task task, const Delivery& delivery) {
  if (!delivery.error) {
    count_dead_letter(task, fmt::format("{} [{}] at offset {}", delivery.topic, delivery.partition, delivery.offset));
    member_.finish(receipt_for(task.incoming));
    return task.release_order();
  }
  dead_letter_failed(std::move(task), delivery);
}

void Run::count_dead_letter(const Task& task, std::string_view where) {
  report_dead_letter(member_.reporter(), task, where);
  dead_letters_.fetch_add(1, std::memory_order_relaxed);
}

void Run::dead_letter_failed(Task task, const Delivery& delivery) {
  if (task.incoming.partition->gone.stop_requested()) return give_up(std::move(task));
  Task::PendingDeadLetter& dead_letter = *task.dead_letter;
  const auto failed_at = now();
  const FailurePath::Next next =
      route_of(task).failure_path.after_dead_letter(delivery.error, dead_letter, failed_at, random());
  if (next.step == FailurePath::Next::Step::kStop) {
    fail(Error(delivery.error, why_dead_letter_is_given_up(task, delivery)));
    return give_up(std::move(task));
  }
  report_dead_letter_failed(member_.reporter(), task, delivery,
                            std::chrono::duration_cast<milliseconds>(next.due - failed_at));
  dead_letter.small = dead_letter.small || delivery.error == errc::message_too_large;
  ++dead_letter.attempts;
  try_again(std::move(task), next.due);
}

void Run::try_again(Task task, Clock::time_point due) {
  if (!dispatcher_.again(task, due)) give_up(std::move(task));
}

void Run::committed(const FinishedInput& input) {
  if (input.task.dead_letter) count_dead_letter(input.task, input.outputs->front()->topic());
}

void Run::output_failed(Task task, std::error_code code, const std::string& text) {
  if (task.dead_letter) {
    const std::string topic =
        std::string(task.incoming.partition->where.topic) + route_of(task).dead_letter.topic_suffix;
    return dead_letter_failed(std::move(task), {.error = code, .error_text = text, .topic = topic});
  }
  if (task.incoming.partition->gone.stop_requested()) return give_up(std::move(task));
  member_.handler_counters().handler_errors.fetch_add(1, std::memory_order_relaxed);
  failed(std::move(task), output_failure(code, text));
}

void Run::uncommitted(FinishedInput input) { member_.give_up(receipt_for(input.task.incoming)); }

void Run::give_up(Task task) {
  if (transactions_) transactions_->block(*task.incoming.partition, task.incoming.offset);
  member_.give_up(receipt_for(task.incoming));
  task.release_order();
}

void Run::fail(const Error& error) {
  {
    const MutexLock lock{mutex_};
    if (!failure_) failure_ = error;
  }
  dispatcher_.close();
  stop_.request_stop();
}

// Nothing holds the record any more, so it will never be finished and the member must not wait for it.
void Run::fail_unexpectedly(const char* what) noexcept {
  member_.hurry();
  try {
    fail(Error(errc::fatal, fmt::format("the worker failed permanently: {} (thrown outside of a handler)", what)));
  } catch (...) {
    failed_without_words_ = true;
    dispatcher_.close();
    stop_.request_stop();
  }
}

Clock::time_point Run::now() const { return environment_.now ? environment_.now() : Clock::now(); }

double Run::random() const { return environment_.random ? environment_.random() : random_part(); }

// Resolves the outputs that were not acknowledged in time, while the member still counts their inputs.
void Run::close_producer() {
  std::unique_ptr<detail::ProducerCore> closing;
  {
    const MutexLock lock{mutex_};
    closing = std::move(producer_);
    if (closing) last_producer_counters_ = closing->client().counters();
  }
}

}  // namespace conveyor::worker
