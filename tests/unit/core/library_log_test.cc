#include "observe/library_log.h"

#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "conveyor/v1/metadata.pb.h"
#include "observe/line_limiter.h"
#include "support/collecting_observer.h"

namespace conveyor::detail {
namespace {

using tests::CollectingObserver;
using Lines = std::vector<std::string>;

std::shared_ptr<CollectingObserver> new_observer() { return std::make_shared<CollectingObserver>(); }

// Each test has a source of its own, because each source has a limit of its own.
TEST(LibraryLog, TellsEachObserverOnceHoweverManyClientsHaveIt) {
  const auto one = new_observer();
  const auto other = new_observer();
  const LibraryLogSubscription first{one};
  const LibraryLogSubscription second{one};
  const LibraryLogSubscription third{other};
  log_of_library(Severity::kError, "test.once", "a line");
  EXPECT_EQ(one->lines(), Lines{"a line"});
  EXPECT_EQ(other->lines(), Lines{"a line"});
}

TEST(LibraryLog, TellsAnObserverForAsLongAsAnyOfItsClientsLives) {
  const auto observer = new_observer();
  {
    const LibraryLogSubscription first{observer};
    { const LibraryLogSubscription second{observer}; }
    log_of_library(Severity::kError, "test.long", "while one lives");
  }
  log_of_library(Severity::kInfo, "test.long", "after the last");
  EXPECT_EQ(observer->lines(), Lines{"while one lives"});
}

TEST(LibraryLog, GoesToStandardErrorWhereNoClientLives) {
  ::testing::internal::CaptureStderr();
  log_of_library(Severity::kError, "test.stderr", "nobody listens");
  log_of_library(Severity::kInfo, "test.stderr", "below a warning");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "test.stderr error: nobody listens\n");
}

TEST(LibraryLog, LeavesOutWhatAFloodRepeatsAndSaysSo) {
  const auto observer = new_observer();
  const LibraryLogSubscription subscription{observer};
  for (int i = 0; i < 5'000; ++i) log_of_library(Severity::kError, "test.flood", "again");
  const auto lines = observer->lines();
  ASSERT_EQ(lines.size(), LineLimiter::kLinesInAPeriod + 1);
  EXPECT_NE(lines.back().find("further lines of this library are dropped"), std::string::npos) << lines.back();
}

TEST(LibraryLog, IsNotCalledAgainByAnObserverThatCausesALine) {
  struct Careless final : Observer {
    int lines = 0;
    void on_log(const LogLine&) override {
      ++lines;
      log_of_library(Severity::kError, "test.careless", "from within");
      throw std::runtime_error("an observer's");
    }
  };
  const auto observer = std::make_shared<Careless>();
  const LibraryLogSubscription subscription{observer};
  log_of_library(Severity::kError, "test.careless", "a line");
  log_of_library(Severity::kError, "test.careless", "another");
  EXPECT_EQ(observer->lines, 2);
}

// It serialises what nobody will read, and says so in its log alone.
void let_protobuf_complain() {
  v1::Metadata data;
  data.set_sending_service("caf\xe9");
  static_cast<void>(data.SerializeAsString());
}

TEST(LibraryLog, HasLibprotobufsLinesInsteadOfStandardError) {
  const auto observer = new_observer();
  const LibraryLogSubscription subscription{observer};
  ::testing::internal::CaptureStderr();
  let_protobuf_complain();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  const auto lines = observer->lines();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines[0].find("conveyor.v1.Metadata.sending_service"), std::string::npos) << lines[0];

  const ProtobufLinesDropped dropped;
  let_protobuf_complain();
  EXPECT_EQ(observer->lines().size(), 1U);
}

int lines_of_the_application = 0;

TEST(LibraryLogDeathTest, LeavesTheApplicationsOwnHandlerOfLibprotobufsLines) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a process in which nobody has taken the log yet
  const auto in_a_new_process = [] {
    google::protobuf::SetLogHandler([](auto, const char*, int, const std::string&) { ++lines_of_the_application; });
    const auto observer = new_observer();
    const LibraryLogSubscription subscription{observer};
    let_protobuf_complain();
    std::exit(lines_of_the_application == 1 && observer->lines().empty() ? 0 : 1);
  };
  EXPECT_EXIT(in_a_new_process(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace conveyor::detail
