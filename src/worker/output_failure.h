#ifndef CONVEYOR_SRC_WORKER_OUTPUT_FAILURE_H_
#define CONVEYOR_SRC_WORKER_OUTPUT_FAILURE_H_

#include <string_view>
#include <system_error>

#include "worker/completion.h"

namespace conveyor::worker {

/// What a failed output says about its input. @param code the error of the refused send, or of the delivery
[[nodiscard]] Completion::Cause cause_of(std::error_code code) noexcept;

/// @param text the producer's reason
[[nodiscard]] Completion::Failure output_failure(std::error_code code, std::string_view text);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_OUTPUT_FAILURE_H_
