// The demonstration live, as a browser sees it, while detectors, browsers and cameras come and go. Frames are counted
// by their numbers.

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <string>

#include "conveyor/dead_letters.h"
#include "conveyor/error.h"
#include "conveyor/v1/processed_image.pb.h"
#include "demo_process.h"
#include "stream_server.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

json camera_of(const json& state, const std::string& name) {
  for (const json& camera : state.at("cameras")) {
    if (camera.at("name") == name) return camera;
  }
  return json::object();
}

json detector_of(const json& state, const std::string& name) {
  for (const json& detector : state.at("detectors")) {
    if (detector.at("name") == name) return detector;
  }
  return json::object();
}

std::string state_of(const json& state, const std::string& detector) {
  return detector_of(state, detector).value("state", "");
}

std::int64_t sent_by(const json& state, const std::string& camera) { return camera_of(state, camera).value("sent", 0); }

class Live : public Demo {
 protected:
  json state(Program& program) {
    if (url_.empty()) url_ = program.url();
    return get(url_, "/api/state").json();
  }
  /// What the program says at its end: all that was sent was processed, and is counted on the page.
  void expect_all_counted(Program& program, std::size_t painted) {
    EXPECT_EQ(program.figure("frames sent"), program.figure("frames processed")) << program.said();
    const std::int64_t shown = program.figure("on the page");
    const std::size_t at = program.output().rfind(" shown, ");
    ASSERT_NE(at, std::string::npos) << program.said();
    const std::int64_t dropped = std::atoll(program.output().c_str() + at + std::string(" shown, ").size());
    EXPECT_EQ(program.figure("frames processed"), shown + dropped) << program.said();
    EXPECT_EQ(shown, static_cast<std::int64_t>(painted))
        << "by the numbers that the browsers painted" << program.said();
  }

  std::string url_;
};

TEST_F(Live, CountsEveryFrameAsShownOrDroppedWhileABrowserComesAndGoes) {
  Program program(demo({"--live", "--loop", "--crowd", "2"}));
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "camera-1") > 5; })) << program.said();
  std::set<std::int64_t> painted;
  const auto remember = [&](const Viewer& viewer) { painted.merge(viewer.painted()["camera-1"]); };
  {
    Viewer first(url_);
    ASSERT_TRUE(eventually([&] { return first.count() >= 20; })) << program.said();
    EXPECT_EQ(first.frames().back().at("people"), first.frames().back().at("boxes").size());
    EXPECT_EQ(state(program).at("viewers"), 1);
    first.leave();
    remember(first);
  }
  const std::int64_t left = sent_by(state(program), "camera-1");
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "camera-1") > left + 10; })) << program.said();
  EXPECT_EQ(state(program).at("viewers"), 0);
  Viewer second(url_);
  ASSERT_TRUE(eventually([&] { return second.count() >= 20; })) << program.said();
  const json now = state(program);
  EXPECT_GT(now.at("latency").at("count"), 20);
  EXPECT_GT(camera_of(now, "camera-1").at("frames_a_second"), 1);
  EXPECT_GE(now.at("lag").size(), 1U);
  second.leave();
  remember(second);

  program.signal(SIGINT);
  ASSERT_EQ(program.wait(30s), 0) << program.said();
  expect_all_counted(program, painted.size());
}

TEST_F(Live, StartsAndStopsDetectorsByThePageAndSurvivesOneThatIsKilled) {
  Program program(demo({"--live", "--loop", "--detectors", "1"}));
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "camera-1") > 5; })) << program.said();
  ASSERT_EQ(post(url_, "/api/detectors/start").status, 200);
  ASSERT_TRUE(eventually([&] { return detector_of(state(program), "detector-2").value("frames", 0) > 0; }))
      << program.said();

  const json killed = detector_of(state(program), "detector-1");
  kill(killed.at("pid").get<pid_t>(), SIGKILL);
  ASSERT_TRUE(eventually([&] { return state_of(state(program), "detector-1") == "failed"; })) << program.said();
  EXPECT_EQ(detector_of(state(program), "detector-1").at("code"), 137);
  const std::int64_t then = detector_of(state(program), "detector-2").at("frames");
  ASSERT_TRUE(eventually([&] { return detector_of(state(program), "detector-2").at("frames") > then + 10; }))
      << "the other one takes over" << program.said();

  ASSERT_EQ(post(url_, "/api/detectors/start?name=detector-1").status, 200);
  ASSERT_TRUE(eventually([&] { return state_of(state(program), "detector-1") == "running"; })) << program.said();
  EXPECT_NE(detector_of(state(program), "detector-1").at("pid"), killed.at("pid"));
  ASSERT_EQ(post(url_, "/api/detectors/stop?name=detector-2").status, 200);
  ASSERT_TRUE(eventually([&] { return state_of(state(program), "detector-2") == "stopped"; })) << program.said();
  const Answer again = post(url_, "/api/detectors/stop?name=detector-2");
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.json().at("error"), "detector-2 does not run");
  EXPECT_EQ(post(url_, "/api/detectors/start?name=nobody").status, 409);
  const std::int64_t before = detector_of(state(program), "detector-1").at("frames");
  ASSERT_TRUE(eventually([&] { return detector_of(state(program), "detector-1").at("frames") > before + 10; }))
      << program.said();

  program.signal(SIGINT);
  ASSERT_EQ(program.wait(30s), 0) << program.said();
  expect_all_counted(program, 0);
  EXPECT_NE(program.errors().find("detector-1 ended early, with code 137"), std::string::npos) << program.said();
  EXPECT_EQ(program.errors().find("detector-2 ended"), std::string::npos) << program.said();
}

TEST_F(Live, WaitsForACameraThatIsPulledWhileAnotherGoesOn) {
  StreamServer camera(jpegs_of(video(), 20));
  Program program(demo({"--live", "--loop", "--camera", "yard=" + camera.url(), "--away-after", "1"}));
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "yard") > 5; })) << program.said();
  Viewer viewer(url_);
  ASSERT_TRUE(eventually([&] { return viewer.painted()["yard"].size() >= 5; })) << program.said();

  camera.pull();
  ASSERT_TRUE(eventually([&] { return camera_of(state(program), "yard").value("away", false); })) << program.said();
  EXPECT_NE(camera_of(state(program), "yard").at("why").get<std::string>().find(camera.url()), std::string::npos);
  const std::int64_t gone = sent_by(state(program), "yard");
  const std::int64_t other = sent_by(state(program), "camera-1");
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "camera-1") > other + 10; })) << program.said();
  EXPECT_EQ(sent_by(state(program), "yard"), gone);

  camera.plug_in();
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "yard") > gone + 5; })) << program.said();
  EXPECT_FALSE(camera_of(state(program), "yard").at("away"));
  EXPECT_GE(camera_of(state(program), "yard").at("reconnects"), 1);
  viewer.leave();
  program.signal(SIGINT);
  ASSERT_EQ(program.wait(30s), 0) << program.said();
  expect_all_counted(program, viewer.count());
  EXPECT_NE(program.errors().find("yard is away; it is tried again"), std::string::npos) << program.said();
  EXPECT_NE(program.errors().find("yard is back"), std::string::npos) << program.said();
}

/// Writes bytes as they are, as any program may.
void write_bytes(const std::string& bootstrap, const std::string& topic, std::string bytes) {
  std::array<char, 512> error{};
  rd_kafka_conf_t* const config = rd_kafka_conf_new();
  ASSERT_EQ(rd_kafka_conf_set(config, "bootstrap.servers", bootstrap.c_str(), error.data(), error.size()),
            RD_KAFKA_CONF_OK);
  rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_PRODUCER, config, error.data(), error.size());
  ASSERT_NE(client, nullptr) << error.data();
  EXPECT_EQ(rd_kafka_producev(client, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_VALUE(bytes.data(), bytes.size()),
                              RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
  EXPECT_EQ(rd_kafka_flush(client, 20'000), RD_KAFKA_RESP_ERR_NO_ERROR);
  rd_kafka_destroy(client);
}

TEST_F(Live, PassesOverRecordsThatNobodyCanRead) {
  Program program(demo({"--live", "--loop", "--record"}));
  const std::string line = program.line_with("embedded broker at ");
  const std::size_t at = line.find("127.0.0.1:");
  ASSERT_NE(at, std::string::npos) << program.said();
  const std::string bootstrap = line.substr(at, line.find(',') - at);
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "camera-1") > 5; })) << program.said();

  for (const char* topic : {"raw_video_frames", "processed_images", "alerts"}) {
    write_bytes(bootstrap, topic, "\xff\xff\xff");
  }
  conveyor::v1::Image no_picture;
  no_picture.set_image_data("no picture");
  no_picture.set_encoding(conveyor::v1::IMAGE_ENCODING_JPEG);
  no_picture.set_source("yard#1");
  write_bytes(bootstrap, "raw_video_frames", no_picture.SerializeAsString());
  conveyor::v1::ProcessedImage processed;
  *processed.mutable_image() = no_picture;
  write_bytes(bootstrap, "processed_images", processed.SerializeAsString());

  const std::int64_t before = sent_by(state(program), "camera-1");
  ASSERT_TRUE(eventually([&] { return sent_by(state(program), "camera-1") > before + 40; })) << program.said();
  const auto dead_letters = [&] {
    int count = 0;
    try {
      conveyor::read_dead_letters({.bootstrap_servers = bootstrap}, "raw_video_frames-dlt", {},
                                  [&](const conveyor::DeadLetter&) { ++count; });
    } catch (const conveyor::Error&) {
      return 0;  // there is no such topic yet
    }
    return count;
  };
  EXPECT_TRUE(eventually([&] { return dead_letters() == 2; })) << program.said();
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(30s), 0) << program.said();
  EXPECT_EQ(program.figure("frames sent"), program.figure("frames processed")) << program.said();
  EXPECT_EQ(program.errors().find("ended early"), std::string::npos) << program.said();
}

TEST_F(Live, ShowsAlertsAndFindsStoredPictures) {
  Program program(demo({"--live", "--crowd", "2", "--steady", "2", "--camera", "yard=" + video().string()}));
  url_ = program.url();
  Viewer viewer(url_);
  ASSERT_TRUE(eventually([&] { return !viewer.notes("alert").empty(); })) << program.said();
  const json alerts = get(url_, "/api/alerts").json();
  ASSERT_GE(alerts.size(), 1U);
  EXPECT_GE(alerts[0].at("people"), 2);
  EXPECT_EQ(alerts[0].at("threshold"), 2);

  const auto pictures = [&](const std::string& query) { return get(url_, "/api/pictures" + query).json(); };
  ASSERT_TRUE(eventually([&] { return pictures("?source=yard").size() >= 2 && pictures("").size() >= 4; }))
      << program.said();
  for (const json& each : pictures("?source=yard")) EXPECT_EQ(each.at("source"), "yard");
  const json all = pictures("");
  const int count = all[0].at("count");
  for (const json& each : pictures("?least=" + std::to_string(count) + "&most=" + std::to_string(count))) {
    EXPECT_EQ(each.at("count"), count);
  }
  EXPECT_EQ(pictures("?to=2020-01-01T00:00:00Z").size(), 0U);
  EXPECT_EQ(pictures("?from=2020-01-01T00:00:00Z&limit=2").size(), 2U);
  const Answer wrong = get(url_, "/api/pictures?least=many");
  EXPECT_EQ(wrong.status, 400);
  EXPECT_NE(wrong.json().at("error").get<std::string>().find("least"), std::string::npos) << wrong.body;
  const Answer picture = get(url_, "/pictures/" + all[0].at("file").get<std::string>());
  EXPECT_EQ(picture.status, 200);
  EXPECT_EQ(picture.body.substr(0, 2), "\xff\xd8");
  EXPECT_EQ(get(url_, "/pictures/..%2Findex.jsonl").status, 404);
  program.signal(SIGINT);
  EXPECT_EQ(program.wait(30s), 0) << program.said();
}

}  // namespace
}  // namespace smart_camera::tests
