// The feed in a real browser.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>
#include <stdexcept>
#include <string>
#include <vector>

#include "browser.h"
#include "support/waiting.h"
#include "web/server.h"

namespace web {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view kPage = R"(<!doctype html><title>feed</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/web/style.css"><canvas></canvas><p></p><script type="module" src="/page.js"></script>)";

constexpr std::string_view kScript = R"(
import { watch, draw } from "/web/feed.js";
watch("/feed", {
  frame: (header, bitmap) => draw(document.querySelector("canvas"), bitmap, header.boxes),
  note: (note) => { document.querySelector("p").textContent = note.text; },
});)";

std::string blue_jpeg() {
  std::vector<unsigned char> bytes;
  cv::imencode(".jpg", cv::Mat(240, 320, CV_8UC3, cv::Scalar(255, 0, 0)), bytes);
  return {bytes.begin(), bytes.end()};
}

class Page : public ::testing::Test {
 protected:
  Page() : feed_(server_.feed("/feed")) {
    server_.get("/", [](const Request&) { return html(kPage); });
    server_.get("/page.js", [](const Request&) { return script(kScript); });
    server_.start();
  }

  void publish(std::int64_t number, std::string jpeg) {
    feed_.publish(
        {.source = "gate",
         .number = number,
         .captured = std::chrono::system_clock::now(),
         .header = {{"boxes",
                     {{{"x", 100}, {"y", 60}, {"width", 80}, {"height", 100}, {"label", "person"}, {"score", 0.9}}}}},
         .jpeg = std::move(jpeg)});
  }
  bool eventually(const std::function<bool(const FeedReport&)>& holds) {
    return conveyor::tests::eventually([&] { return holds(feed_.report()); }, 60s);
  }

  Server server_;
  Feed& feed_;
  const std::string jpeg_ = blue_jpeg();
};

TEST_F(Page, PaintsEveryFrameThatWaitsForTheAnswerToTheOneBefore) {
  tests::Browser browser(server_.url());
  ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 1; }));
  for (std::int64_t number = 0; number < 20; ++number) {
    publish(number, jpeg_);
    ASSERT_TRUE(eventually([&](const auto& report) { return report.shown == number + 1; })) << browser.complaints();
  }
  EXPECT_EQ(feed_.report().dropped, 0);
  EXPECT_EQ(browser.complaints(), "");
}

TEST_F(Page, DropsAFrameThatIsNoPicture) {
  tests::Browser browser(server_.url());
  ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 1; }));
  publish(0, "no picture");
  EXPECT_TRUE(eventually([](const auto& report) { return report.dropped == 1; }));
  publish(1, jpeg_);
  EXPECT_TRUE(eventually([](const auto& report) { return report.shown == 1; }));
}

TEST_F(Page, GoesOnAfterTheBrowserCrashedAndCameBack) {
  {
    tests::Browser browser(server_.url());
    ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 1; }));
    publish(0, jpeg_);
    ASSERT_TRUE(eventually([](const auto& report) { return report.shown == 1; }));
  }
  ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 0; }));
  publish(1, jpeg_);
  publish(2, jpeg_);
  tests::Browser browser(server_.url());
  EXPECT_TRUE(eventually([](const auto& report) { return report.shown == 2 && report.dropped == 1; }));
}

TEST_F(Page, ReportsWhatAScriptComplainsOf) {
  tests::Browser browser(server_.url());
  ASSERT_TRUE(browser.eventually("document.readyState === 'complete'"));
  EXPECT_THROW(browser.evaluate("nothing.there"), std::runtime_error);
  browser.evaluate("setTimeout(() => { throw new Error('late'); }, 0)");
  EXPECT_TRUE(conveyor::tests::eventually([&] { return browser.complaints().find("late") != std::string::npos; }));
}

TEST_F(Page, ShowsThePictureWithWhatWasFound) {
  tests::Browser browser(server_.url(), 400, 300);
  ASSERT_TRUE(eventually([](const auto& report) { return report.viewers == 1; }));
  publish(0, jpeg_);
  feed_.announce({{"kind", "alert"}, {"text", "three people"}});
  ASSERT_TRUE(eventually([](const auto& report) { return report.shown == 1; }));
  EXPECT_TRUE(browser.eventually("document.querySelector('p').textContent === 'three people'"));
  const auto file = std::filesystem::temp_directory_path() / ("page_test." + std::to_string(getpid()) + ".png");
  browser.screenshot(file);
  EXPECT_EQ(browser.complaints(), "");
  const cv::Mat picture = cv::imread(file.string());
  std::filesystem::remove(file);
  ASSERT_EQ(picture.size(), cv::Size(400, 300));
  cv::Mat blue;
  cv::inRange(picture, cv::Scalar(240, 0, 0), cv::Scalar(255, 20, 20), blue);
  EXPECT_GT(cv::countNonZero(blue), 320 * 240 * 8 / 10);
  cv::Mat green;
  cv::inRange(picture, cv::Scalar(100, 180, 0), cv::Scalar(180, 255, 100), green);
  EXPECT_GT(cv::countNonZero(green), 300) << "the box";
}

}  // namespace
}  // namespace web
