// How a Run makes its handlers, and how it calls them: with one record, through middleware, or with a batch.

#include <fmt/format.h>
#include <google/protobuf/message.h>

#include <deque>
#include <functional>
#include <latch>
#include <utility>

#include "codec/decode.h"
#include "consume/decode_record.h"
#include "worker/handler_context.h"
#include "worker/run.h"

namespace conveyor::worker {

// Makes every thread's handlers before the first record is read. So a model that cannot be loaded ends the worker
// before it joins the group.
void Run::start_handlers() {
  // Shared ownership: the last thread may still be inside count_down() when wait() returns.
  const auto ready = std::make_shared<std::latch>(options_.threads);
  for (int i = 0; i < options_.threads; ++i) {
    threads_.emplace_back([this, ready] {
      Handlers handlers = make_handlers();
      ready->count_down();
      run_handlers(handlers);
    });
  }
  ready->wait();
}

Run::Handlers Run::make_handlers() {
  Handlers handlers;
  try {
    for (const auto& [topic, route] : routes_) handlers[topic] = make_handler(route);
  } catch (const std::exception& error) {
    fail(Error(errc::handler_failed, fmt::format("a handler could not be made: {}", error.what())));
  } catch (...) {
    fail(Error(errc::handler_failed, "a handler could not be made"));
  }
  return handlers;
}

Run::ThreadHandler Run::make_handler(const Route& route) {
  if (route.make_batch) return {.route = &route, .batch = route.make_batch()};
  if (middleware_.empty()) return {.route = &route, .single = route.make()};
  return {.route = &route, .chain = std::make_unique<HandlerChain>(route.make(), middleware_)};
}

void Run::run_handlers(Handlers& handlers) {
  while (auto task = dispatcher_.pop()) {
    guarded([&] { take_on(*std::move(task), handlers); });
  }
}

void Run::decode(const Task& task, const Route& route, Record& record, google::protobuf::Message& value) {
  decode_record(task.incoming, route.options.codec, config_.max_message_bytes, member_, record, value);
}

bool Run::filter(Task& task, const Record& record) {
  if (record.error == errc::tombstone && !options_.tombstones) {
    member_.handler_counters().tombstones.fetch_add(1, std::memory_order_relaxed);
    const OrderingKey ordering_key = task.ordering_key;
    OrderHold order = std::move(task.order);
    end(std::move(task), {}, {});
    order.release(ordering_key);
    return true;
  }
  if (record.error == errc::decode) {
    task.dead_letter = Task::PendingDeadLetter{.stage = DeadLetterStage::kDecode, .error = record.error_text};
    send_dead_letter(std::move(task));
    return true;
  }
  return false;
}

template <class Call>
std::optional<Completion::Failure> Run::failure_of(const Route& route, Call&& call) {
  try {
    std::forward<Call>(call)();
    return {};
  } catch (const std::exception& error) {
    return Completion::Failure{errc::handler_failed, fmt::format("the handler threw: {}", error.what()),
                               route.failure_path.may_pass(error)};
  } catch (...) {
    return Completion::Failure{errc::handler_failed, "the handler threw something that is not an exception", false};
  }
}

void Run::handled(InputCompletion& completion, std::optional<Completion::Failure> failure) {
  if (!failure) {
    completion.release_order();
    return completion.arrive();
  }
  completion.arrive(completion.blame(*std::move(failure)));
}

void Run::handle(Task task, ThreadHandler& by) {
  detail::ErasedHandler& handler = *by.single;
  Record& record = by.record;
  decode(task, *by.route, record, handler.value());
  if (filter(task, record)) return;
  const auto completion = std::make_shared<InputCompletion>(*this, std::move(task));
  HandlerContext context{*this, completion, record, codec::trace_of(record, handler.trace_id())};
  handled(*completion, failure_of(*by.route, [&] { handler.handle(record, context); }));
}

void Run::handle_in_chain(Task task, ThreadHandler& by) {
  HandlerChain& chain = *by.chain;
  Record& record = by.record;
  task.incoming.record.fill_record(task.incoming.partition->where.topic, record);
  if (task.incoming.record.is_tombstone()) record.error = errc::tombstone;
  if (filter(task, record)) return;
  const auto completion = std::make_shared<InputCompletion>(*this, std::move(task));
  HandlerContext context{*this, completion, record, codec::trace_of(record, {})};
  const auto decode_it = [&](Record& shown, google::protobuf::Message& value) {
    decode_value(completion->task().incoming, record.headers, by.route->options.codec, config_.max_message_bytes,
                 member_, shown, value);
    if (shown.error || context.has_trace()) return;
    context.continue_trace(codec::trace_of(record, chain.handler().trace_id()));
  };
  bool undecodable = false;
  auto failure = failure_of(*by.route, [&] {
    try {
      chain(record, context, std::ref(decode_it));  // std::ref, so that it is not copied to the heap
    } catch (const DecodeError&) {                  // of this record, or one that the handler threw
      undecodable = chain.undecodable().has_value();
      throw;
    }
  });
  if (undecodable) failure = Completion::Failure{errc::decode, *chain.undecodable(), false};
  handled(*completion, std::move(failure));
}

void Run::handle_batch(std::vector<Task> tasks, ThreadHandler& by) {
  detail::ErasedBatchHandler& handler = *by.batch;
  std::vector<std::shared_ptr<InputCompletion>> completions;
  std::deque<HandlerContext> contexts;  // a deque, because items point to its elements
  for (Task& task : tasks) {
    const std::size_t item = completions.size();
    Record record;
    decode(task, *by.route, record, handler.value(item));
    if (filter(task, record)) continue;
    const auto& completion = completions.emplace_back(std::make_shared<InputCompletion>(*this, std::move(task)));
    contexts.emplace_back(*this, completion, record, codec::trace_of(record, handler.trace_id(item)));
    handler.fill(item, record, contexts.back());
  }
  const std::size_t count = completions.size();
  if (count == 0) return;

  const auto batch_failure = failure_of(*by.route, [&] { handler.handle(0, count); });
  if (batch_failure && count > 1) {
    member_.reporter().log(
        Severity::kWarning, "conveyor",
        fmt::format("{}, with {} records of {}; it is called again with each of them alone", batch_failure->text, count,
                    completions[0]->task().ordering_key.partition->where.topic));
  }
  for (std::size_t item = 0; item < count; ++item) {
    InputCompletion& completion = *completions[item];
    // A handler that was asked to stop may throw for that reason; do not call it again.
    const bool alone = batch_failure && count > 1 && !contexts[item].stop().stop_requested();
    if (alone) completion.begin_anew();
    handled(completion, batch_failure && !alone ? batch_failure : failure_of(*by.route, [&] {
              if (alone) handler.handle(item, 1);
              handler.finish(item);
            }));
  }
}

}  // namespace conveyor::worker
