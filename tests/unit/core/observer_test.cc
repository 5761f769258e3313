#include "conveyor/observer.h"

#include <gtest/gtest.h>

namespace conveyor {
namespace {

TEST(StderrObserver, WritesNothingThatATerminalOrALogReaderTakesForSomethingElse) {
  ::testing::internal::CaptureStderr();
  stderr_observer()->on_log({Severity::kWarning, "conveyor", "caf\xe9 \x1b[2J\nconveyor error: forged caf\xc3\xa9"});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(),
            "conveyor warning: caf\\xe9 \\x1b[2J\\x0aconveyor error: forged caf\xc3\xa9\n");
}

TEST(StderrObserver, LeavesOutWhatIsBelowItsSeverity) {
  ::testing::internal::CaptureStderr();
  stderr_observer()->on_log({Severity::kInfo, "conveyor", "quiet"});
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

}  // namespace
}  // namespace conveyor
