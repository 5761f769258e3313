// Detectors are started and stopped while a demo runs. Their processes are this test's own program.

#include "detector_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <string>

#include "support/waiting.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;

/// What the processes do: print a line, and wait for their end.
TEST(AsChild, DISABLED_Waits) {
  for (;;) pause();
}
TEST(AsChild, DISABLED_Fails) { _exit(3); }

std::unique_ptr<support::Child> start(const std::string& name, const std::string& what) {
  return std::make_unique<support::Child>(
      name, std::vector<std::string>{"--gtest_also_run_disabled_tests", "--gtest_filter=AsChild.DISABLED_" + what},
      std::map<std::string, std::string>{});
}

class Pool : public ::testing::Test {
 protected:
  DetectorInfo info(const std::string& name) const {
    for (const DetectorInfo& each : pool_.detectors()) {
      if (each.name == name) return each;
    }
    return {};
  }
  bool becomes(const std::string& name, DetectorState state) {
    return conveyor::tests::eventually([&] {
      pool_.step();
      return info(name).pid > 0 && info(name).state == state;
    });
  }

  std::string what_ = "Waits";
  DetectorPool pool_{[this](const std::string& name) { return start(name, what_); }};
};

TEST_F(Pool, StartsSoManyAndStopsThemAll) {
  pool_.start(2, 20s);
  const auto all = pool_.detectors();
  ASSERT_EQ(all.size(), 2U);
  for (const DetectorInfo& each : all) EXPECT_EQ(each.state, DetectorState::kRunning) << each.name;
  EXPECT_EQ(all[1].name, "detector-2");
  pool_.stop();
  for (const DetectorInfo& each : all) EXPECT_NE(kill(each.pid, 0), 0) << each.name;
}

TEST_F(Pool, FailsToStartWhereADetectorEnds) {
  what_ = "Fails";
  // It prints a line before it ends, as a program does that fails later.
  pool_.start(1, 20s);
  EXPECT_TRUE(becomes("detector-1", DetectorState::kFailed));
  EXPECT_EQ(info("detector-1").code, 3);
}

TEST_F(Pool, StartsAndStopsOnRequest) {
  pool_.start(1, 20s);
  EXPECT_EQ(pool_.request_start(), "");
  EXPECT_TRUE(becomes("detector-2", DetectorState::kRunning));
  EXPECT_EQ(pool_.request_stop("detector-1"), "");
  EXPECT_TRUE(becomes("detector-1", DetectorState::kStopped));
  const pid_t before = info("detector-1").pid;
  EXPECT_EQ(pool_.request_start("detector-1"), "");
  EXPECT_TRUE(becomes("detector-1", DetectorState::kRunning));
  EXPECT_NE(info("detector-1").pid, before);
}

TEST_F(Pool, SaysWhichOneWasKilled) {
  pool_.start(2, 20s);
  kill(info("detector-2").pid, SIGKILL);
  EXPECT_TRUE(becomes("detector-2", DetectorState::kFailed));
  EXPECT_EQ(info("detector-2").code, 128 + SIGKILL);
  EXPECT_EQ(info("detector-1").state, DetectorState::kRunning);
}

TEST_F(Pool, RefusesWhatCannotBeDone) {
  pool_.start(1, 20s);
  EXPECT_EQ(pool_.request_start("detector-1"), "detector-1 runs already");
  EXPECT_EQ(pool_.request_start("nobody"), "there is no detector nobody");
  EXPECT_EQ(pool_.request_stop("detector-2"), "detector-2 does not run");
  EXPECT_EQ(pool_.request_stop("detector-1"), "");
  EXPECT_EQ(pool_.request_stop("detector-1"), "detector-1 does not run");  // any more, once that is done
  for (int i = 0; i < DetectorPool::kMost; ++i) EXPECT_EQ(pool_.request_start(), "") << i;
  EXPECT_EQ(pool_.request_start(), "there are 16 detectors already");
}

}  // namespace
}  // namespace smart_camera
