#include "conveyor/stop.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include "support/waiting.h"

namespace conveyor::tests {
namespace {

// While librdkafka makes a client on the main thread, which then takes no signals, ours is the only one that does.
[[noreturn]] void stop_while_this_thread_takes_no_signals() {
  const auto stop = stop_on_signals();
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
  kill(getpid(), SIGTERM);
  _exit(eventually([&] { return stop.stop_requested(); }, std::chrono::seconds(10)) ? 0 : 1);
}

TEST(StopOnSignalsDeathTest, StopsWhicheverThreadTakesTheSignal) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // the handlers stay with their process
  EXPECT_EXIT(stop_while_this_thread_takes_no_signals(), ::testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace conveyor::tests
