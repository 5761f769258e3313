// Runs the demonstration on photographs whose labels are known, with a browser or with one that only counts.

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <opencv2/imgcodecs.hpp>
#include <set>
#include <string>
#include <vector>

#include "browser.h"
#include "client.h"
#include "demo_run.h"
#include "support/waiting.h"
#include "viewer.h"

namespace image_messaging::tests {
namespace {

using namespace std::chrono_literals;
using conveyor::tests::eventually;
using nlohmann::json;
using web::tests::Answer;
using web::tests::get;
using web::tests::Viewer;

const std::vector<std::string> kPhotos{"data/baboon.jpg", "data/squirrel_cls.jpg", "dnn_superres/butterfly.png"};
const std::vector<std::string> kLabels{"baboon", "fox squirrel", "monarch"};

std::set<std::int64_t> numbers(const std::vector<json>& frames) {
  std::set<std::int64_t> result;
  for (const json& frame : frames) result.insert(frame["number"].get<std::int64_t>());
  return result;
}

/// Every frame that came has the label of its photo and a rising number.
void expect_labels(const std::vector<json>& frames, std::int64_t hold) {
  std::int64_t last = -1;
  for (const json& frame : frames) {
    const std::int64_t number = frame["number"];
    EXPECT_GT(number, last);
    last = number;
    const auto photo = static_cast<std::size_t>(number / hold) % kLabels.size();
    ASSERT_FALSE(frame["labels"].empty()) << frame;
    EXPECT_EQ(frame["labels"][0]["label"], kLabels[photo]) << "frame " << number;
    EXPECT_GT(frame["labels"][0]["score"], 0.5) << "frame " << number;
    EXPECT_EQ(frame["source"], "camera-1");
  }
}

void expect_balanced(const DemoRun& demo, std::int64_t frames) {
  EXPECT_EQ(demo.figure("frames sent"), frames) << demo.said();
  EXPECT_EQ(demo.figure("frames labelled"), frames) << demo.said();
  EXPECT_EQ(demo.figure("frames shown") + demo.figure("frames dropped"), frames) << demo.said();
}

TEST(Demo, LabelsEveryFrameAndShowsOrCountsIt) {
  const Photos photos(kPhotos);
  DemoRun demo({photos.path(), "--hold", "30"});
  const std::string page = demo.wait_for_page();
  ASSERT_FALSE(page.empty()) << demo.said();
  const Viewer viewer(page);
  ASSERT_EQ(demo.wait(), 0) << demo.said();
  expect_balanced(demo, 90);
  const std::vector<json> frames = viewer.frames();
  expect_labels(frames, 30);
  EXPECT_TRUE(viewer.all_had_pictures());
  EXPECT_EQ(demo.figure("frames shown"), static_cast<std::int64_t>(numbers(frames).size())) << demo.said();
  EXPECT_GE(frames.size(), 45U) << "a browser that answers at once must see most frames";

  const std::vector<json> stored = demo.stored();
  ASSERT_EQ(stored.size(), kLabels.size());
  for (std::size_t i = 0; i < stored.size(); ++i) {
    EXPECT_EQ(stored[i]["labels"], json::array({kLabels[i]}));
    EXPECT_EQ(stored[i]["frame"], 30 * static_cast<std::int64_t>(i)) << "the frame that began the label";
    const cv::Mat picture = cv::imread((demo.out() / "changes" / stored[i]["file"].get<std::string>()).string());
    EXPECT_EQ(picture.cols, i == 2 ? 256 : 320) << "scaled down, but never up";
  }
  EXPECT_EQ(viewer.notes("change").size(), stored.size());
}

TEST(Demo, WritesLogLinesThatElasticsearchTakesAsTheyAre) {
  const Photos photos({kPhotos[0]});
  DemoRun demo({photos.path(), "--hold", "10", "--labellers", "1"});
  ASSERT_EQ(demo.wait(), 0) << demo.said();
  std::set<std::string> services;
  bool told_change = false;
  for (const std::string& line : demo.log()) {
    const json entry = json::parse(line, nullptr, false);
    ASSERT_TRUE(entry.is_object()) << line;
    for (const char* field : {"@timestamp", "log.level", "message", "log.logger", "service.name", "ecs.version"}) {
      EXPECT_TRUE(entry.contains(field) && entry[field].is_string() && !entry[field].get<std::string>().empty())
          << field << " in " << line;
    }
    EXPECT_TRUE(entry["process.pid"].is_number_integer()) << line;
    services.insert(entry["service.name"].get<std::string>());
    told_change = told_change || entry["message"].get<std::string>().find("changed to \"baboon\"") != std::string::npos;
  }
  EXPECT_EQ(services, (std::set<std::string>{"capture", "feed", "labeller-1"}));
  EXPECT_TRUE(told_change);
}

TEST(Demo, LosesNothingWhenTheOnlyLabellerIsKilled) {
  const Photos photos(kPhotos);
  DemoRun demo({photos.path(), "--hold", "30", "--labellers", "1"});
  const std::string page = demo.wait_for_page();
  ASSERT_FALSE(page.empty()) << demo.said();
  const Viewer viewer(page);
  ASSERT_TRUE(eventually([&] { return viewer.count() >= 20; })) << demo.said();
  const pid_t victim = demo.processes().at("labeller-1");
  ASSERT_EQ(kill(victim, SIGKILL), 0);
  ASSERT_EQ(demo.wait(), 0) << demo.said();
  EXPECT_NE(demo.processes().at("labeller-1"), victim);
  expect_balanced(demo, 90);
  expect_labels(viewer.frames(), 30);
  EXPECT_EQ(demo.figure("restarts"), 1);
  EXPECT_EQ(demo.stored().size(), kLabels.size()) << "what came twice must not count as a change";
}

TEST(Demo, CountsFramesWhileABrowserIsAwayAndEndsCleanlyOnCtrlC) {
  const Photos photos(kPhotos);
  DemoRun demo({photos.path(), "--hold", "25", "--loop", "--labellers", "1"});
  const std::string page = demo.wait_for_page();
  ASSERT_FALSE(page.empty()) << demo.said();
  std::set<std::int64_t> painted;
  for (int visit = 0; visit < 2; ++visit) {
    const Viewer viewer(page);
    ASSERT_TRUE(eventually([&] { return viewer.count() >= 30; })) << demo.said();
    const std::set<std::int64_t> seen = numbers(viewer.frames());
    painted.insert(seen.begin(), seen.end());
  }
  web::tests::Browser browser(page);
  const std::size_t before = painted.size();
  ASSERT_TRUE(eventually([&] { return json::parse(get(page, "/counters").body)["shown"] > before + 40; }, 60s))
      << browser.complaints() << demo.said();
  EXPECT_EQ(browser.complaints(), "");
  const std::map<std::string, pid_t> processes = demo.processes();
  EXPECT_EQ(demo.stop(SIGINT), 0) << demo.said();
  const std::int64_t published = demo.figure("frames shown") + demo.figure("frames dropped");
  EXPECT_EQ(published, demo.figure("frames labelled") + demo.figure("without label")) << demo.said();
  EXPECT_GT(demo.figure("frames shown"), static_cast<std::int64_t>(before) + 40);
  EXPECT_GT(demo.figure("frames dropped"), 0);
  ASSERT_EQ(processes.size(), 1U);
  for (const auto& [name, pid] : processes) {
    EXPECT_EQ(kill(pid, 0), -1) << name << " still runs";
    EXPECT_EQ(errno, ESRCH);
  }
}

/// Whether the canvas shows a photograph rather than one colour.
constexpr const char* kPhotoShown = R"((() => {
  const canvas = document.querySelector(".camera canvas");
  if (!canvas) return false;
  const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
  return new Set(pixels.filter((_, i) => i % 4 === 0)).size > 100;
})())";
constexpr const char* kScrollsSideways = "document.documentElement.scrollWidth > window.innerWidth";
constexpr const char* kFigures = "document.querySelectorAll('#pictures figure').length";

TEST(Demo, HasAPageThatShowsFramesLabelsAndCounters) {
  const Photos photos(kPhotos);
  DemoRun demo({photos.path(), "--hold", "25", "--loop", "--labellers", "1"});
  const std::string page = demo.wait_for_page();
  ASSERT_FALSE(page.empty()) << demo.said();
  for (const auto& [width, height] : {std::pair{1280, 800}, std::pair{390, 844}}) {
    web::tests::Browser browser(page, width, height);
    ASSERT_TRUE(browser.eventually(kPhotoShown, 60s)) << demo.said();
    EXPECT_TRUE(browser.eventually("document.getElementById('state').textContent === 'live'"));
    EXPECT_TRUE(browser.eventually("document.querySelector('.top').textContent === 'fox squirrel'"));
    EXPECT_TRUE(browser.eventually("document.querySelectorAll('.scores .bar').length === 5"));
    EXPECT_TRUE(browser.eventually("/browser, p99[0-9]+ ms/.test(document.getElementById('counters').textContent)"));
    EXPECT_TRUE(browser.eventually("document.querySelectorAll('#changes li').length >= 3"));
    EXPECT_TRUE(browser.eventually(std::string(kFigures) + " >= 3"));
    EXPECT_FALSE(browser.evaluate(kScrollsSideways)) << width;
    const auto file = demo.out() / "page.png";
    browser.screenshot(file);
    EXPECT_EQ(cv::imread(file.string()).size(), cv::Size(width, height));
    EXPECT_EQ(browser.complaints(), "");
  }
  EXPECT_EQ(demo.stop(SIGTERM), 0) << demo.said();
}

TEST(Demo, FindsStoredPicturesByLabelAndTime) {
  const Photos photos(kPhotos);
  DemoRun demo({photos.path(), "--hold", "25", "--loop", "--labellers", "1"});
  const std::string page = demo.wait_for_page();
  ASSERT_FALSE(page.empty()) << demo.said();
  ASSERT_TRUE(eventually([&] { return json::parse(get(page, "/pictures").body)["pictures"].size() >= 2; }))
      << demo.said();
  const json found = json::parse(get(page, "/pictures?label=fox%20squirrel").body)["pictures"];
  ASSERT_GE(found.size(), 1U);
  EXPECT_EQ(found[0]["labels"], json::array({"fox squirrel"}));
  const Answer picture = get(page, "/pictures/" + found[0]["file"].get<std::string>());
  EXPECT_EQ(picture.type, "image/jpeg");
  EXPECT_EQ(cv::imdecode(std::vector<char>(picture.body.begin(), picture.body.end()), cv::IMREAD_COLOR).cols, 320);
  EXPECT_EQ(json::parse(get(page, "/pictures?to=2020-01-01T00:00:00Z").body)["pictures"].size(), 0U);
  EXPECT_EQ(get(page, "/pictures?from=yesterday").status, 400);
  EXPECT_EQ(get(page, "/pictures/../image_messaging.jsonl").status, 404);

  web::tests::Browser browser(page);
  const std::string figures = kFigures;
  ASSERT_TRUE(browser.eventually(figures + " >= 3", 60s)) << demo.said();
  browser.evaluate("document.querySelector('[name=label]').value = 'baboon'");
  ASSERT_TRUE(browser.click("#search button"));
  EXPECT_TRUE(browser.eventually(
      figures + " > 0 && [...document.querySelectorAll('#pictures strong')].every((e) => e.textContent === 'baboon')"));
  browser.evaluate("document.querySelector('[name=to]').value = '2020-01-01T00:00:00'");
  ASSERT_TRUE(browser.click("#search button"));
  EXPECT_TRUE(browser.eventually(figures + " === 0"));
  ASSERT_TRUE(browser.click("#search button[type=reset]"));
  EXPECT_TRUE(browser.eventually(figures + " >= 3"));
  EXPECT_EQ(browser.complaints(), "");
  EXPECT_EQ(demo.stop(SIGTERM), 0) << demo.said();
}

TEST(Demo, DropsAndCountsFramesToStayLive) {
  const Photos photos(kPhotos);
  DemoRun demo({photos.path(), "--hold", "100", "--fps", "300", "--live", "--ahead", "1", "--labellers", "1"});
  ASSERT_EQ(demo.wait(), 0) << demo.said();
  EXPECT_EQ(demo.figure("frames sent") + demo.figure("not sent"), 300) << demo.said();
  EXPECT_GT(demo.figure("not sent"), 0) << demo.said();
  EXPECT_GT(demo.figure("frames sent"), 0) << demo.said();
  expect_balanced(demo, demo.figure("frames sent"));
}

TEST(Demo, SaysWhatIsWrong) {
  DemoRun no_source({"/nowhere/pictures"});
  EXPECT_EQ(no_source.wait(), 1);
  EXPECT_NE(no_source.said().find("/nowhere/pictures"), std::string::npos) << no_source.said();

  const Photos photos({kPhotos[0]});
  DemoRun no_model({photos.path(), "--classifier", "onnx:/nowhere/model.onnx"});
  EXPECT_EQ(no_model.wait(), 1);
  EXPECT_NE(no_model.said().find("/nowhere/model.onnx"), std::string::npos) << no_model.said();

  DemoRun first({photos.path(), "--loop"});
  const std::string page = first.wait_for_page();
  ASSERT_FALSE(page.empty()) << first.said();
  const std::string port = page.substr(page.rfind(':') + 1, page.rfind('/') - page.rfind(':') - 1);
  DemoRun second({photos.path(), "--port", port});
  EXPECT_EQ(second.wait(), 1);
  EXPECT_NE(second.said().find("--port"), std::string::npos) << second.said();
  EXPECT_EQ(first.stop(SIGINT), 0) << first.said();

  DemoRun nothing({});
  EXPECT_EQ(nothing.wait(), 2);
  EXPECT_NE(nothing.said().find("--no-capture"), std::string::npos) << nothing.said();
}

}  // namespace
}  // namespace image_messaging::tests
