#ifndef CONVEYOR_SRC_WORKER_OUTPUT_FAILURE_H_
#define CONVEYOR_SRC_WORKER_OUTPUT_FAILURE_H_

#include <string_view>
#include <system_error>

#include "worker/completion.h"

namespace conveyor::worker {

/// What it says of an input that an output of its was not sent. @param code of the refused send, or of its delivery
[[nodiscard]] Completion::Cause cause_of(std::error_code code) noexcept;

/// @param text why, as the producer says it
[[nodiscard]] Completion::Failure output_failure(std::error_code code, std::string_view text);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_OUTPUT_FAILURE_H_
