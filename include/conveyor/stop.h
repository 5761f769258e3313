#ifndef CONVEYOR_STOP_H_
#define CONVEYOR_STOP_H_

#include <stop_token>

#include "conveyor/export.h"

namespace conveyor {

/// A token that the first SIGINT or SIGTERM stops. The second signal ends the process as if no handler were installed.
///
///     conveyor::Consumer consumer{config, kOrders, {.stop = conveyor::stop_on_signals()}};
///
/// The first call installs the signal handlers for the whole process. The library never does so unless this is called, or
/// Worker::run() without a token, which calls it.
///
/// Thread safety: may be called from any thread, any number of times; all tokens share one state.
[[nodiscard]] CONVEYOR_EXPORT std::stop_token stop_on_signals();

}  // namespace conveyor

#endif  // CONVEYOR_STOP_H_
