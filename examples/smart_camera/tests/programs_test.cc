// Camera, detector, page and alert service as programs of their own: whoever joins or leaves, no other program changes.

#include <csignal>
#include <set>
#include <string>
#include <vector>

#include "conveyor/testing/embedded_broker.h"
#include "demo_process.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;

class Programs : public Demo {
 protected:
  /// A command on the broker, with its short timeouts.
  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--bootstrap", broker_.bootstrap_servers()});
    return arguments;
  }
  void SetUp() override {
    for (const auto& [name, value] : broker_.config().properties) {
      std::string variable = "CONVEYOR_KAFKA_" + name;
      for (char& c : variable) c = c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      setenv(variable.c_str(), value.c_str(), 1);
    }
  }
  static int end(Program& program) {
    program.signal(SIGTERM);
    return program.wait(30s);
  }

  conveyor::testing::EmbeddedBroker broker_;
};

TEST_F(Programs, WorkTogetherThroughTheirTopicsAlone) {
  Program detector(command({"detector"}));
  Program page(command({"page", "--port", "0", "--out", out_, "--steady", "1"}));
  Program alert(command({"alert", "--crowd", "1"}));
  Program alerts(command({"alerts"}));
  const std::string url = page.url();
  ASSERT_NE(url, "") << page.said();
  ASSERT_NE(detector.line_with("ready"), "") << detector.said();
  {
    // The page shows what comes from now on: frames before it has joined the cluster are not for it.
    Program first(command({"camera", video(), "--name", "first", "--frames", "30", "--every", "10"}));
    ASSERT_EQ(first.wait(60s), 0) << first.said() << detector.said();
  }
  ASSERT_NE(alerts.line_with("first frame "), "") << alerts.said();
  Viewer viewer(url);
  Program yard(command({"camera", video(), "--name", "yard", "--frames", "20", "--every", "10"}));
  EXPECT_EQ(yard.wait(60s), 0) << yard.said() << detector.said();
  EXPECT_NE(yard.output().find("20 frames sent, 20 processed, 0 dropped"), std::string::npos) << yard.said();
  const auto frames = [&] {
    const nlohmann::json state = get(url, "/api/state").json();
    for (const auto& camera : state.at("cameras")) {
      if (camera.at("name") == "yard") return camera.at("frames").get<int>();
    }
    return 0;
  };
  EXPECT_TRUE(eventually([&] { return frames() == 20; }, 20s)) << get(url, "/api/state").body;
  EXPECT_TRUE(eventually([&] { return viewer.painted().contains("yard"); }, 20s));
  EXPECT_TRUE(eventually([&] { return get(url, "/api/pictures?source=yard").json().size() >= 3; }, 20s));
  EXPECT_NE(alerts.line_with("yard frame "), "") << alerts.said();
  EXPECT_EQ(post(url, "/api/detectors/start").status, 404) << "only a demo has detectors to start";
  viewer.vanish();
  for (Program* each : {&page, &alert, &alerts, &detector}) EXPECT_EQ(end(*each), 0) << each->said();
}

}  // namespace
}  // namespace smart_camera::tests
