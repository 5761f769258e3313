#ifndef CONVEYOR_STOP_H_
#define CONVEYOR_STOP_H_

#include <stop_token>

#include "conveyor/export.h"

namespace conveyor {

/// A token that is stopped by the first SIGINT or SIGTERM; a second one ends the process as if nothing were handled.
///
///     conveyor::Consumer consumer{config, kOrders, {.stop = conveyor::stop_on_signals()}};
///
/// The first call installs the handlers, for the whole process; beside Worker::run() without a token, which asks for it,
/// the library never does so.
///
/// Thread safety: may be called from any thread, any number of times; all tokens share one state.
[[nodiscard]] CONVEYOR_EXPORT std::stop_token stop_on_signals();

}  // namespace conveyor

#endif  // CONVEYOR_STOP_H_
