#include "conveyor/vision/failure.h"

#include "conveyor/error.h"

namespace conveyor::vision {

std::exception_ptr Failure::as_exception() const {
  if (thrown) return thrown;
  switch (kind) {
    case Outcome::Kind::kBadInput:
      return std::make_exception_ptr(DecodeError(reason));
    case Outcome::Kind::kRetryable:
      return std::make_exception_ptr(RetryableError(reason));
    default:
      return std::make_exception_ptr(Error(errc::handler_failed, reason));
  }
}

}  // namespace conveyor::vision
