#include "worker/task_events.h"

#include <fmt/format.h>

#include <system_error>

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

Event event_about(const Task& task, Event::Kind kind, std::error_code error, std::string_view text) {
  const auto& where = task.incoming.partition->where;
  return {.kind = kind,
          .topic = where.topic,
          .partition = where.partition,
          .offset = task.incoming.offset,
          .error = error,
          .text = text};
}

}  // namespace

std::string name_of(const Task& task) {
  const auto& where = task.incoming.partition->where;
  return fmt::format("record {} [{}] at offset {}", where.topic, where.partition, task.incoming.offset);
}

void report_condemned(kafka::Reporter& reporter, const Task& task) {
  const std::string text = fmt::format("{} is not handled again: {}", name_of(task), task.dead_letter->error);
  reporter.event(event_about(task, Event::Kind::kHandlerFailed, errc::handler_failed, text));
}

void report_retry(kafka::Reporter& reporter, const Task& task, const Completion::Failure& failure, milliseconds wait) {
  const std::string text =
      fmt::format("{}, attempt {}: {}; trying again in {} ms", name_of(task), task.attempt, failure.text, wait.count());
  reporter.report(event_about(task, Event::Kind::kRetried, failure.code, text), Severity::kWarning);
}

void report_hold(kafka::Reporter& reporter, const Task& task, const Completion::Failure& failure, milliseconds wait) {
  const std::string text = fmt::format("{} waits: {}; nothing past it is committed, trying again in {} ms",
                                       name_of(task), failure.text, wait.count());
  reporter.report(event_about(task, Event::Kind::kOutputFailed, failure.code, text), Severity::kError);
}

void report_not_handled(kafka::Reporter& reporter, const Task& task, const Completion::Failure& failure) {
  const std::string text = fmt::format("{} was not handled, attempt {}: {}", name_of(task), task.attempt, failure.text);
  reporter.event(event_about(task, Event::Kind::kHandlerFailed, failure.code, text));
}

void report_dead_letter(kafka::Reporter& reporter, const Task& task, std::string_view where) {
  const std::string text = fmt::format("{} went to {}, stage {}: {}", name_of(task), where,
                                       conveyor::name_of(task.dead_letter->stage), task.dead_letter->error);
  reporter.report(event_about(task, Event::Kind::kDeadLettered, errc::ok, text), Severity::kWarning);
}

void report_dead_letter_failed(kafka::Reporter& reporter, const Task& task, const Delivery& delivery,
                               milliseconds wait) {
  const std::string text = fmt::format(
      "the dead letter of {} could not be written to {}: {}; nothing past it is committed, trying again in "
      "{} ms",
      name_of(task), delivery.topic, delivery.error_text, wait.count());
  reporter.report(event_about(task, Event::Kind::kDeadLetterFailed, delivery.error, text), Severity::kError);
}

std::string why_not_skipped(const Task& task) {
  return fmt::format(
      "{} cannot be handled: {}; the worker stops rather than skip it. Set WorkerOptions::dead_letter.enabled, or that "
      "of "
      "the channel's HandlerOptions, to go on without it",
      name_of(task), task.dead_letter->error);
}

std::string why_dead_letter_is_given_up(const Task& task, const Delivery& delivery) {
  if (delivery.error != errc::message_too_large) {
    return fmt::format("the dead letter of {} cannot be written: {}", name_of(task), delivery.error_text);
  }
  return fmt::format("the dead letter of {} is larger than topic {} takes: {}; raise its max.message.bytes",
                     name_of(task), delivery.topic, delivery.error_text);
}

}  // namespace conveyor::worker
