#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <vector>

#include "unit/cli/child.h"

// What it costs to start the command, which scripts do again and again.

namespace conveyor {
namespace {

using namespace std::chrono_literals;

/// The processor time of one `conveyor --version`, in milliseconds.
double milliseconds_of_a_start() {
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork");
  if (child == 0) {
    dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDOUT_FILENO);
    execl(CONVEYOR_COMMAND, CONVEYOR_COMMAND, "--version", nullptr);
    _exit(127);
  }
  int status = 0;
  rusage used{};
  if (wait4(child, &status, 0, &used) != child || status != 0) throw std::runtime_error("conveyor --version failed");
  const auto in_ms = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) * 1e-3;
  };
  return in_ms(used.ru_utime) + in_ms(used.ru_stime);
}

TEST(CommandStart, TakesLessThanTwentyMillisecondsOfProcessorTime) {
  std::array<double, 15> times{};
  milliseconds_of_a_start();  // reads the files
  std::generate(times.begin(), times.end(), milliseconds_of_a_start);
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  const double median = times[times.size() / 2];
  std::printf("%.1f ms\n", median);
  EXPECT_LT(median, 20);
}

/// The libraries that the loader finds for a program, with those that they need in turn.
std::string libraries_of(const std::string& program) {
  Child ldd({"/bin/sh", "-c", "ldd '" + program + "'"});
  EXPECT_EQ(ldd.wait(30s), 0) << ldd.errors();
  return ldd.output();
}

TEST(CommandStart, LoadsNoLibraryForImages) {
  const std::string libraries = libraries_of(CONVEYOR_COMMAND);
  EXPECT_NE(libraries.find("librdkafka"), libraries.npos) << "ldd does not say what it loads: " << libraries;
  for (const char* name : {"opencv", "onnxruntime", "avcodec", "gdcm", "openjp2", "charls", "jpeg", "png"}) {
    EXPECT_EQ(libraries.find(std::string("lib") + name), libraries.npos) << name << " in " << libraries;
  }
}

}  // namespace
}  // namespace conveyor
