#ifndef CONVEYOR_SRC_WORKER_TASK_EVENTS_H_
#define CONVEYOR_SRC_WORKER_TASK_EVENTS_H_

#include <chrono>
#include <string>
#include <string_view>

#include "conveyor/producer.h"
#include "kafka/reporter.h"
#include "transactions/task.h"
#include "worker/completion.h"

// What operators are told about a record on its way through a worker.

namespace conveyor::worker {

/// "record orders [0] at offset 17"
[[nodiscard]] std::string name_of(const Task& task);

void report_condemned(kafka::Reporter& reporter, const Task& task);
void report_retry(kafka::Reporter& reporter, const Task& task, const Completion::Failure& failure,
                  std::chrono::milliseconds wait);
/// The record waits until the topic of an output takes it.
void report_hold(kafka::Reporter& reporter, const Task& task, const Completion::Failure& failure,
                 std::chrono::milliseconds wait);
/// The last attempt failed.
void report_not_handled(kafka::Reporter& reporter, const Task& task, const Completion::Failure& failure);
/// @param where text for people: the topic, and partition and offset if they are known
void report_dead_letter(kafka::Reporter& reporter, const Task& task, std::string_view where);
void report_dead_letter_failed(kafka::Reporter& reporter, const Task& task, const Delivery& delivery,
                               std::chrono::milliseconds wait);

// Parts of the errors that end a worker.

/// For a worker without dead letters.
[[nodiscard]] std::string why_not_skipped(const Task& task);
[[nodiscard]] std::string why_dead_letter_is_given_up(const Task& task, const Delivery& delivery);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_TASK_EVENTS_H_
