// Runs the demonstration on short pieces of the pedestrian video and looks at what it made.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <set>
#include <string>
#include <vector>

#include "demo_process.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;

std::vector<nlohmann::json> index_of(const std::filesystem::path& store) {
  std::vector<nlohmann::json> entries;
  std::ifstream index(store / "index.jsonl");
  for (std::string line; std::getline(index, line);) entries.push_back(nlohmann::json::parse(line));
  return entries;
}

TEST_F(Demo, BringsEveryFrameToADetectorAndToEverySubscriber) {
  Program program(demo({"--frames", "24", "--every", "10", "--detectors", "2", "--crowd", "2", "--steady", "1"}));
  ASSERT_EQ(program.wait(120s), 0) << program.said();
  EXPECT_EQ(program.figure("frames sent"), 24) << program.said();
  EXPECT_EQ(program.figure("frames processed"), 24) << program.said();
  EXPECT_EQ(program.figure("detector-1") + std::max<std::int64_t>(0, program.figure("detector-2")), 24)
      << program.said();
  EXPECT_NE(program.output().find("0 shown, 24 dropped"), std::string::npos) << "nobody watched" << program.said();
  const std::int64_t people = program.figure("people found");
  EXPECT_GE(people, 24) << program.said();  // there are always some; one a frame at least is found
  EXPECT_LE(people, 240) << program.said();
  EXPECT_NE(program.output().find("ALERT  camera-1 frame "), std::string::npos) << program.said();

  EXPECT_GT(cv::imread((out_ / "camera-1/sheet.png").string()).cols, 1000);
  EXPECT_GT(std::filesystem::file_size(out_ / "camera-1/annotated.avi"), 100'000U);
  const auto entries = index_of(out_ / "store");
  EXPECT_GE(entries.size(), 5U);
  for (const auto& entry : entries) {
    EXPECT_EQ(cv::imread(out_ / "store" / entry.at("file").get<std::string>()).size(), cv::Size(768, 576)) << entry;
    EXPECT_EQ(entry.at("count"), entry.at("details").at("boxes").size()) << entry;
  }
}

TEST_F(Demo, LetsSeveralCamerasSendSideBySide) {
  Program program(demo({"--camera", "yard=" + video().string(), "--frames", "20", "--every", "10"}));
  ASSERT_EQ(program.wait(120s), 0) << program.said();
  EXPECT_EQ(program.figure("frames sent"), 40) << program.said();
  EXPECT_EQ(program.figure("frames processed"), 40) << program.said();
  EXPECT_EQ(program.figure("camera-1"), 20) << program.said();
  EXPECT_EQ(program.figure("yard"), 20) << program.said();
  std::set<std::string> stored;
  for (const auto& entry : index_of(out_ / "store")) stored.insert(entry.at("source"));
  EXPECT_EQ(stored, (std::set<std::string>{"camera-1", "yard"}));
  for (const char* camera : {"camera-1", "yard"}) {
    EXPECT_TRUE(std::filesystem::exists(out_ / camera / "annotated.avi")) << camera;
  }
}

TEST_F(Demo, FindsPeopleByHogWhereNoModelIsThere) {
  Program program(demo({"--detector", "hog", "--frames", "6", "--every", "30"}));
  ASSERT_EQ(program.wait(120s), 0) << program.said();
  EXPECT_EQ(program.figure("frames processed"), 6) << program.said();
}

TEST_F(Demo, WorksOnARealKafkaWhoseTopicsItHasToAskFor) {
  conveyor::Child kafka({KAFKA_CLUSTER});
  const std::string name = "bootstrap=";
  const std::string line = kafka.read_line(60s).value_or("");
  ASSERT_EQ(line.substr(0, name.size()), name) << kafka.errors();
  const std::string bootstrap = line.substr(name.size());
  Program program(demo({"--frames", "12", "--every", "20", "--crowd", "2", "--bootstrap", bootstrap}));
  EXPECT_EQ(program.wait(120s), 0) << program.said();
  EXPECT_EQ(program.figure("frames processed"), 12) << program.said();
  EXPECT_NE(program.output().find("0 shown, 12 dropped"), std::string::npos) << program.said();
  // The alerts stay on their topic, for whoever reads it later.
  const std::int64_t alerts = program.figure("alert");
  EXPECT_GE(alerts, 1) << program.said();
  Program reader({"alerts", "--bootstrap", bootstrap});
  for (std::int64_t i = 0; i < alerts; ++i) EXPECT_NE(reader.line_with("camera-1 frame "), "") << reader.said();
  reader.signal(SIGTERM);
  EXPECT_EQ(reader.wait(20s), 0) << reader.said();
  kafka.signal(SIGTERM);
  EXPECT_EQ(kafka.wait(20s), 0) << kafka.errors();
}

TEST_F(Demo, StopsOnSigtermInBoundedTime) {
  Program program(demo({"--detector", "hog"}));
  for (;;) {
    const std::string line = program.line_with("processed");
    ASSERT_NE(line, "") << program.said();
    if (line.find("processed    0") == line.npos) break;
  }
  program.signal(SIGTERM);
  EXPECT_EQ(program.wait(20s), 1) << program.said();
  EXPECT_NE(program.errors().find("stopped before the end"), std::string::npos) << program.said();
}

TEST_F(Demo, SaysThatAVideoIsNotWhole) {
  std::filesystem::create_directories(out_);
  const std::filesystem::path half = out_ / "half.avi";
  std::filesystem::copy_file(video(), half);
  std::filesystem::resize_file(half, std::filesystem::file_size(half) / 2);
  Program program({"demo", half, "--out", out_, "--every", "100"});
  EXPECT_EQ(program.wait(120s), 1) << program.said();
  EXPECT_GE(program.figure("frames sent"), 2) << program.said();
  EXPECT_EQ(program.figure("frames sent"), program.figure("frames processed"));
  EXPECT_NE(program.errors().find("that it declares are missing at its end"), std::string::npos) << program.said();
}

// What is wrong with a command line is said before anything is started or written.
TEST_F(Demo, SaysWhatIsWrongWithItsOptions) {
  struct Case {
    std::vector<std::string> arguments;
    const char* said;
  };
  for (const Case& each :
       {Case{{"demo", "/nowhere/video.avi"}, "/nowhere/video.avi"}, Case{{"demo"}, "--camera NAME=SOURCE"},
        Case{{"demo", video(), "--camera", "camera-1=" + video().string()}, "that name is taken"},
        Case{{"demo", video(), "--detector", "cneternet"}, "cneternet"}}) {
    std::vector<std::string> arguments = each.arguments;
    arguments.insert(arguments.end(), {"--out", out_});
    Program program(arguments);
    EXPECT_EQ(program.wait(30s), 1) << program.said();
    EXPECT_NE(program.errors().find(each.said), std::string::npos) << program.said();
    EXPECT_FALSE(std::filesystem::exists(out_)) << each.said;
  }
}

}  // namespace
}  // namespace smart_camera::tests
