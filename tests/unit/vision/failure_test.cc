#include "conveyor/vision/failure.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "conveyor/error.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

void raise(const Failure& failure) { std::rethrow_exception(failure.as_exception()); }

TEST(Failure, IsThrownAsTheErrorOfItsKind) {
  EXPECT_THROW(raise({Outcome::Kind::kBadInput, "blurred"}), DecodeError);
  EXPECT_THROW(raise({Outcome::Kind::kRetryable, "busy"}), RetryableError);
  EXPECT_ERROR(errc::decode, "blurred", raise({Outcome::Kind::kBadInput, "blurred"}));
  EXPECT_ERROR(errc::handler_failed, "no weights", raise({Outcome::Kind::kFault, "no weights"}));
}

TEST(Failure, ThrowsWhatWasThrownAsItWas) {
  const Failure failure{Outcome::Kind::kFault, "record 7: a bug", std::make_exception_ptr(std::out_of_range("a bug"))};
  EXPECT_THROW(raise(failure), std::out_of_range);
}

}  // namespace
}  // namespace conveyor::vision
