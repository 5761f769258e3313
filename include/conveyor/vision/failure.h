#ifndef CONVEYOR_VISION_FAILURE_H_
#define CONVEYOR_VISION_FAILURE_H_

#include <exception>
#include <string>

#include "conveyor/export.h"
#include "conveyor/vision/outcome.h"

namespace conveyor::vision {

/// Why an image has no prediction: a value that goes unchanged from the decoder, the step or the classifier that says
/// so up to the handler, which throws it once.
///
/// Thread safety: as a standard container.
struct CONVEYOR_EXPORT Failure {
  Outcome::Kind kind = Outcome::Kind::kFault;  ///< kBadInput, kRetryable or kFault
  std::string reason = {};
  /// Of a fault that a decoder or a step threw: the exception, so that RetryOptions::also sees its type and code. Null
  /// otherwise.
  std::exception_ptr thrown = {};

  /// What a handler throws: DecodeError for kBadInput, which sends the record to the dead letters; RetryableError for
  /// kRetryable, which asks for another attempt; for a fault `thrown`, or else Error with errc::handler_failed.
  [[nodiscard]] std::exception_ptr as_exception() const;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_FAILURE_H_
