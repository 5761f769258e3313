#include "worker/output_failure.h"

#include <gtest/gtest.h>

namespace conveyor::worker {
namespace {

using Cause = Completion::Cause;

// Only what is the record's own fault may send it to the dead letters.
TEST(OutputFailure, SaysWhetherTheRecordTheChannelOrTheClientIsToBlame) {
  struct Case {
    errc code;
    Cause cause;
    bool retryable;
  };
  const Case cases[] = {
      {errc::message_too_large, Cause::kRecord, false},
      {errc::encode, Cause::kRecord, false},
      {errc::wrong_type, Cause::kRecord, false},
      {errc::invalid_topic, Cause::kRecord, false},
      {errc::unknown_partition, Cause::kRecord, true},
      {errc::delivery_failed, Cause::kRecord, true},
      {errc::not_authorized, Cause::kChannel, false},
      {errc::unknown_topic, Cause::kChannel, false},
      {errc::broker_unreachable, Cause::kChannel, false},
      {errc::timed_out, Cause::kChannel, false},
      {errc::queue_full, Cause::kChannel, false},
      {errc::retryable, Cause::kChannel, false},
      {errc::possibly_delivered, Cause::kChannel, false},
      {errc::stopped, Cause::kChannel, false},
      {errc::fatal, Cause::kClient, false},
  };
  for (const Case& one : cases) {
    const auto failure = output_failure(one.code, "why");
    EXPECT_EQ(failure.cause, one.cause) << make_error_code(one.code).message();
    EXPECT_EQ(failure.retryable, one.retryable) << make_error_code(one.code).message();
    EXPECT_EQ(failure.code, one.code);
    EXPECT_NE(failure.text.find("why"), std::string::npos);
  }
}

// Whatever numbers ours have.
TEST(OutputFailure, TakesErrorsOfOtherLibrariesForTheRecordsOwn) {
  for (int number = 1; number <= 40; ++number) {
    EXPECT_EQ(cause_of({number, std::generic_category()}), Cause::kRecord) << number;
  }
}

}  // namespace
}  // namespace conveyor::worker
