#include "conveyor/observer.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "kafka/client.h"
#include "support/collecting_observer.h"

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

TEST(Reporter, TellsObserversTextsThatAreUtf8) {
  const auto observer = std::make_shared<tests::CollectingObserver>();
  kafka::Reporter reporter{observer};
  reporter.report({.kind = Event::Kind::kHandlerFailed, .topic = "t", .text = "caf\xe9"}, Severity::kError);
  reporter.report({.kind = Event::Kind::kHandlerFailed, .topic = "t", .text = "caf\xc3\xa9"}, Severity::kError);
  const auto events = observer->events(Event::Kind::kHandlerFailed);
  ASSERT_EQ(events.size(), 2U);
  EXPECT_EQ(events[0].text, "caf\xef\xbf\xbd");
  EXPECT_EQ(events[0].topic, "t");
  EXPECT_EQ(events[1].text, "caf\xc3\xa9");
  EXPECT_EQ(observer->lines(), (std::vector<std::string>{"caf\xef\xbf\xbd", "caf\xc3\xa9"}));
}

}  // namespace
}  // namespace conveyor
