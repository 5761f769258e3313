// On a real Kafka, with Python programs at either end that send and read as MessageCorps does.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "client.h"
#include "demo_run.h"
#include "support/kafka_cluster/kafka_cluster.h"
#include "support/kafka_cluster/kafka_installation.h"
#include "support/waiting.h"
#include "viewer.h"

namespace image_messaging::tests {
namespace {

using namespace std::chrono_literals;
using conveyor::tests::cache_folder;
using conveyor::tests::eventually;
using nlohmann::json;
using web::tests::get;
using web::tests::Viewer;

/// The command that runs a script with Python's clients, as cmake/setup.sh tests installs them.
std::vector<std::string> python_command(const std::string& script, const std::vector<std::string>& arguments) {
  std::vector<std::string> command{"/usr/bin/env",
                                   "PYTHONPATH=" PYTHON_PATH,
                                   "PYTHONUTF8=1",
                                   "PYTHONDONTWRITEBYTECODE=1",
                                   (cache_folder() / "python/bin/python3").string(),
                                   PYTHON_SCRIPTS "/" + script};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return command;
}

/// Runs a script to its end. @return what it printed, and its errors when it failed
std::string python(const std::string& script, const std::vector<std::string>& arguments) {
  conveyor::Child process(python_command(script, arguments));
  const int code = process.wait(60s);
  return code == 0 ? process.output()
                   : "exit code " + std::to_string(code) + ": " + process.output() + process.errors();
}

/// Coffee in a cup, of scikit-image's pictures.
std::string coffee() {
  for (const auto& folder : std::filesystem::directory_iterator(cache_folder() / "python/lib")) {
    const auto photo = folder.path() / "site-packages/skimage/data/coffee.png";
    if (exists(photo)) return photo;
  }
  return "the photos are missing: run cmake/setup.sh tests";
}

TEST(RealKafka, LabelsAndShowsWhatAPythonCameraSendsForAPythonDisplay) {
  conveyor::tests::KafkaCluster kafka;
  kafka.create_topic("VideoStream", 2);
  kafka.create_topic("Predictions", 2);
  DemoRun demo({"--no-capture", "--bootstrap", kafka.bootstrap_servers()});
  const std::string page = demo.wait_for_page();
  ASSERT_FALSE(page.empty()) << demo.said();
  const Viewer viewer(page);
  ASSERT_EQ(python("camera.py", {kafka.bootstrap_servers(), coffee(), "320", "50", "25"}), "sent 50\n") << demo.said();
  ASSERT_EQ(python("display.py", {kafka.bootstrap_servers(), "espresso", "50", "2"}), "checked 50\n") << demo.said();
  json counters;
  ASSERT_TRUE(eventually([&] {
    counters = json::parse(get(page, "/counters").body);
    return counters["published"] == 50 && counters["waiting"] == 0;
  })) << counters
      << demo.said();
  EXPECT_EQ(counters["frames"], 50);
  EXPECT_EQ(counters["labelled"], 50);
  EXPECT_EQ(counters["shown"].get<int>() + counters["dropped"].get<int>(), 50);
  std::set<std::int64_t> numbers;
  for (const json& frame : viewer.frames()) {
    EXPECT_EQ(frame["labels"][0]["label"], "espresso") << frame;
    EXPECT_EQ(frame["source"], "");
    numbers.insert(frame["number"].get<std::int64_t>());
  }
  EXPECT_EQ(counters["shown"], numbers.size());
  EXPECT_GE(numbers.size(), 25U);
  ASSERT_EQ(demo.stored().size(), 1U);
  EXPECT_EQ(demo.stop(SIGTERM), 0) << demo.said();
}

TEST(RealKafka, CarriesItsOwnFramesForPythonProgramsTooOnTopicsThatItHasToAskFor) {
  conveyor::tests::KafkaCluster kafka;
  const Photos photos({"data/baboon.jpg"});
  DemoRun demo({photos.path(), "--hold", "40", "--bootstrap", kafka.bootstrap_servers()});
  ASSERT_EQ(demo.wait(), 0) << demo.said();
  EXPECT_EQ(demo.figure("frames sent"), 40) << demo.said();
  EXPECT_EQ(demo.figure("frames labelled"), 40) << demo.said();
  EXPECT_EQ(demo.figure("frames dropped"), 40) << demo.said();
  EXPECT_EQ(python("watch_frames.py", {kafka.bootstrap_servers(), "40", "320", photos.path() + "/1.jpg"}),
            "checked 40\n");
  EXPECT_EQ(python("display.py", {kafka.bootstrap_servers(), "baboon", "40", "1"}), "checked 40\n");
}

// Each part is a program of its own.
TEST(RealKafka, ShowsTheLabelsOfAPythonLabeller) {
  conveyor::tests::KafkaCluster kafka;
  kafka.create_topic("VideoStream", 2);
  kafka.create_topic("Predictions", 2);
  const Photos photos({"data/baboon.jpg"});
  const conveyor::tests::TemporaryFolder out("image_messaging_feed");
  conveyor::Child feed(
      {IMAGE_MESSAGING, "feed", "--bootstrap", kafka.bootstrap_servers(), "--out", out.path().string()});
  const std::string beginning = "the page is at ";
  const std::string line = feed.read_line(60s).value_or("");
  ASSERT_TRUE(line.starts_with(beginning)) << line << feed.errors();
  const Viewer viewer(line.substr(beginning.size()));
  conveyor::Child labeller(python_command("labeller.py", {kafka.bootstrap_servers(), "40"}));
  ASSERT_EQ(labeller.read_line(60s).value_or(""), "ready") << labeller.errors();
  conveyor::Child capture({IMAGE_MESSAGING, "capture", "--bootstrap", kafka.bootstrap_servers(), "--hold", "40",
                           "--name", "yard", photos.path()});
  EXPECT_EQ(capture.wait(60s), 0) << capture.output() << capture.errors();
  EXPECT_TRUE(capture.output().starts_with("40 frames sent, 40 labelled")) << capture.output();
  EXPECT_EQ(labeller.wait(60s), 0) << labeller.errors();
  ASSERT_TRUE(eventually([&] { return !viewer.frames().empty() && viewer.frames().back()["number"] == 39; }));
  for (const json& frame : viewer.frames()) {
    EXPECT_EQ(frame["labels"], json::parse(R"([{"label": "dark", "score": null}])")) << frame;
    EXPECT_EQ(frame["source"], "yard");
  }
  feed.signal(SIGTERM);
  EXPECT_EQ(feed.wait(20s), 0) << feed.errors();
}

}  // namespace
}  // namespace image_messaging::tests
