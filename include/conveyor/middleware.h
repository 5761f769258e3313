#ifndef CONVEYOR_MIDDLEWARE_H_
#define CONVEYOR_MIDDLEWARE_H_

#include <functional>

#include "conveyor/context.h"
#include "conveyor/message.h"

namespace conveyor {

/// Handles one record: decodes it and calls the channel's own handler, or does something around another one.
using RecordHandler = std::function<void(const Record& record, Context& context)>;

/// A function from handler to handler, for what all handlers of a worker have in common: times, access, filters.
///
///     worker.use([&](conveyor::RecordHandler next) {
///       return [&times, next](const conveyor::Record& record, conveyor::Context& context) {
///         const auto start = std::chrono::steady_clock::now();
///         next(record, context);
///         times.observe(record.topic, std::chrono::steady_clock::now() - start);
///       };
///     });
///
/// - Around each attempt at each record. A record for which `next` is not called counts as handled.
/// - The record is decoded in the innermost `next`, which throws DecodeError when it cannot be. Let through, the record
///   goes to the dead letters and is never tried again; caught, it counts as handled. Before that, a record has error
///   errc::tombstone or none.
/// - What a handler throws passes through it. What it throws itself is as if the handler had: RetryableError has the
///   record tried again, anything else sends it to the dead letters.
/// - The handler sees the record and context that `next` is given. Call it on the same thread and before returning, as
///   often as you like.
/// - Tombstones that the handlers did not ask for (WorkerOptions::tombstones) are passed over before.
///
/// Thread safety: the middleware is called by several threads; what it returns belongs to one of them.
using Middleware = std::function<RecordHandler(RecordHandler next)>;

}  // namespace conveyor

#endif  // CONVEYOR_MIDDLEWARE_H_
