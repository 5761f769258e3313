// Runs the demonstration on a short piece of the pedestrian video and looks at what it made.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>
#include <vector>

#include "unit/cli/child.h"

namespace conveyor {
namespace {

using namespace std::chrono_literals;

std::filesystem::path video() {
  if (const char* cache = std::getenv("CONVEYOR_CACHE")) return std::filesystem::path(cache) / "vtest.avi";
  if (const char* cache = std::getenv("XDG_CACHE_HOME")) return std::filesystem::path(cache) / "conveyor/vtest.avi";
  const char* home = std::getenv("HOME");
  return std::filesystem::path(home ? home : "") / ".cache/conveyor/vtest.avi";
}

class Demo : public ::testing::Test {
 protected:
  Demo() { std::filesystem::remove_all(out_); }
  ~Demo() override { std::filesystem::remove_all(out_); }

  std::vector<std::string> command(const std::vector<std::string>& arguments) const {
    std::vector<std::string> all{SMART_CAMERA, "demo", video(), "--out", out_};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }
  std::size_t pictures() const {
    std::size_t count = 0;
    for (const auto& file : std::filesystem::directory_iterator(out_ / "store")) {
      if (file.path().extension() != ".jpg") continue;
      ++count;
      EXPECT_EQ(cv::imread(file.path().string()).size(), cv::Size(768, 576)) << file.path();
    }
    return count;
  }

  std::filesystem::path out_ =
      std::filesystem::temp_directory_path() / ("smart_camera_demo_test." + std::to_string(getpid()));
};

// @return the number behind a name in the demo's report, -1 when it is not there
int figure(const std::string& report, const std::string& name) {
  const std::size_t at = report.rfind("\n" + name + " ");
  return at == report.npos ? -1 : std::atoi(report.c_str() + at + 1 + name.size());
}

TEST_F(Demo, BringsEveryFrameToADetectorAndToEverySubscriber) {
  Child demo(command({"--frames", "24", "--every", "10", "--detectors", "2", "--crowd", "2"}));
  ASSERT_EQ(demo.wait(120s), 0) << demo.output() << demo.errors();
  EXPECT_EQ(figure(demo.output(), "frames sent"), 24) << demo.output();
  EXPECT_EQ(figure(demo.output(), "frames processed"), 24) << demo.output();
  EXPECT_EQ(figure(demo.output(), "detector-1") + figure(demo.output(), "detector-2"), 24) << demo.output();
  const int people = figure(demo.output(), "people found");
  EXPECT_GE(people, 24) << demo.output();  // there are always some; one a frame at least is found
  EXPECT_LE(people, 240) << demo.output();
  EXPECT_NE(demo.output().find("ALERT  frame "), std::string::npos) << demo.output();

  EXPECT_GT(cv::imread((out_ / "sheet.png").string()).cols, 1000);
  EXPECT_GT(std::filesystem::file_size(out_ / "annotated.avi"), 100'000U);
  std::ifstream index(out_ / "store" / "index.jsonl");
  std::size_t lines = 0;
  for (std::string line; std::getline(index, line);) {
    EXPECT_EQ(line.rfind("{\"frame\":", 0), 0U) << line;
    ++lines;
  }
  EXPECT_GE(lines, 5U);
  EXPECT_EQ(pictures(), lines);
}

TEST_F(Demo, WorksOnARealKafkaWhoseTopicsItHasToAskFor) {
  Child kafka({KAFKA_CLUSTER});
  const std::string name = "bootstrap=";
  const std::string line = kafka.read_line(60s).value_or("");
  ASSERT_EQ(line.substr(0, name.size()), name) << kafka.errors();
  Child demo(command({"--frames", "12", "--every", "20", "--bootstrap", line.substr(name.size())}));
  EXPECT_EQ(demo.wait(120s), 0) << demo.output() << demo.errors();
  EXPECT_EQ(figure(demo.output(), "frames processed"), 12) << demo.output();
  kafka.signal(SIGTERM);
  EXPECT_EQ(kafka.wait(20s), 0) << kafka.errors();
}

TEST_F(Demo, LosesNothingWhenADetectorIsKilled) {
  Child demo(command({"--frames", "30", "--every", "10", "--detectors", "2"}));
  pid_t victim = 0;
  for (;;) {
    const auto line = demo.read_line(60s);
    ASSERT_TRUE(line) << demo.errors();
    const std::string name = "detector-2 is process ";
    if (line->starts_with(name)) victim = std::stoi(line->substr(name.size()));
    if (line->find("processed") != line->npos && line->find("processed    0") == line->npos) break;
  }
  ASSERT_GT(victim, 0);
  kill(victim, SIGKILL);
  EXPECT_EQ(demo.wait(120s), 0) << demo.output() << demo.errors();
  EXPECT_EQ(figure(demo.output(), "frames processed"), 30) << demo.output();
  EXPECT_NE(demo.errors().find("detector-2 ended early, with code 137"), std::string::npos) << demo.errors();
}

TEST_F(Demo, StopsOnSigtermInBoundedTime) {
  Child demo(command({}));
  for (;;) {
    const auto line = demo.read_line(60s);
    ASSERT_TRUE(line) << demo.errors();
    if (line->find("processed") != line->npos && line->find("processed    0") == line->npos) break;
  }
  demo.signal(SIGTERM);
  EXPECT_EQ(demo.wait(20s), 1) << demo.output() << demo.errors();
  EXPECT_NE(demo.errors().find("stopped before the end"), std::string::npos) << demo.errors();
}

TEST_F(Demo, SaysThatAVideoIsNotWhole) {
  std::filesystem::create_directories(out_);
  const std::filesystem::path half = out_ / "half.avi";
  std::filesystem::copy_file(video(), half);
  std::filesystem::resize_file(half, std::filesystem::file_size(half) / 2);
  Child demo({SMART_CAMERA, "demo", half, "--out", out_, "--every", "100"});
  EXPECT_EQ(demo.wait(120s), 1) << demo.output() << demo.errors();
  EXPECT_GE(figure(demo.output(), "frames sent"), 2) << demo.output();
  EXPECT_EQ(figure(demo.output(), "frames sent"), figure(demo.output(), "frames processed"));
  EXPECT_NE(demo.errors().find("that it declares are missing at its end"), std::string::npos) << demo.errors();
}

TEST_F(Demo, SaysWhatIsWrongWithAVideo) {
  Child demo({SMART_CAMERA, "demo", "/nowhere/video.avi", "--out", out_});
  EXPECT_EQ(demo.wait(30s), 1);
  EXPECT_NE(demo.errors().find("/nowhere/video.avi"), std::string::npos) << demo.errors();
  EXPECT_FALSE(std::filesystem::exists(out_));
}

}  // namespace
}  // namespace conveyor
