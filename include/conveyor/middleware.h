#ifndef CONVEYOR_MIDDLEWARE_H_
#define CONVEYOR_MIDDLEWARE_H_

#include <functional>

#include "conveyor/context.h"
#include "conveyor/message.h"

namespace conveyor {

/// A function that handles one record. The innermost one decodes the record and calls the channel's handler; the others
/// wrap another function of this type.
using RecordHandler = std::function<void(const Record& record, Context& context)>;

/// A function that wraps a handler in another one. Use it for work that all handlers of a worker share, such as timing,
/// access checks or filters.
///
///     worker.use([&](conveyor::RecordHandler next) {
///       return [&times, next](const conveyor::Record& record, conveyor::Context& context) {
///         const auto start = std::chrono::steady_clock::now();
///         next(record, context);
///         times.observe(record.topic, std::chrono::steady_clock::now() - start);
///       };
///     });
///
/// - It runs around each attempt at each record. If it does not call `next`, the record counts as handled.
/// - The innermost `next` decodes the record, and throws DecodeError when it cannot. If you let the error pass, the
///   record goes to the dead letters without another attempt. If you catch it, the record counts as handled. Before
///   that call, record.error is errc::tombstone or none.
/// - Exceptions of the handler pass through the middleware, and its own exceptions count as the handler's. After an
///   Error that is retryable(), such as RetryableError, the worker tries the record again. After any other exception
///   the record goes to the dead letters.
/// - The handler sees the record and context that `next` is given. Call `next` on the same thread, before you return,
///   and as often as you like.
/// - The worker skips tombstones that the handlers do not want (WorkerOptions::tombstones) before it calls any
///   middleware.
///
/// Thread safety: several threads call the middleware; each function that it returns is called by one thread only.
using Middleware = std::function<RecordHandler(RecordHandler next)>;

}  // namespace conveyor

#endif  // CONVEYOR_MIDDLEWARE_H_
