// The page in a real browser.

#include "browser.h"

#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>
#include <string>

#include "demo_process.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;
using web::tests::Browser;

/// How much the brightness of a camera's picture varies, as the page paints it: 0 of one that is blank.
std::string contrast_of(const std::string& camera) {
  return R"((() => {
    const card = [...document.querySelectorAll(".camera")].find((each) => each.querySelector("h2").textContent === ")" +
         camera + R"(");
    if (!card) return 0;
    const small = new OffscreenCanvas(64, 48).getContext("2d", { willReadFrequently: true });
    small.drawImage(card.querySelector("canvas"), 0, 0, 64, 48);
    const pixels = small.getImageData(0, 0, 64, 48).data;
    let sum = 0, squares = 0;
    for (let i = 0; i < pixels.length; i += 4) { sum += pixels[i]; squares += pixels[i] * pixels[i]; }
    const count = pixels.length / 4;
    return Math.sqrt(squares / count - (sum / count) ** 2);
  })())";
}

constexpr const char* kScrollsSideways = "document.documentElement.scrollWidth > window.innerWidth";

class Page : public Demo {
 protected:
  Page()
      : program_(demo({"--live", "--loop", "--steady", "2", "--crowd", "2", "--camera", "yard=" + video().string()})) {
    url_ = program_.url();
  }
  void end() {
    program_.signal(SIGINT);
    ASSERT_EQ(program_.wait(30s), 0) << program_.said();
    const std::int64_t shown = program_.figure("on the page");
    const std::size_t at = program_.output().rfind(" shown, ");
    const std::int64_t dropped = std::atoll(program_.output().c_str() + at + std::string(" shown, ").size());
    EXPECT_GT(shown, 0) << program_.said();
    EXPECT_EQ(shown + dropped, program_.figure("frames sent")) << program_.said();
  }

  Program program_;
  std::string url_;
};

TEST_F(Page, ShowsEveryCameraWithItsFigures) {
  Browser browser(url_);
  ASSERT_TRUE(browser.eventually("document.querySelectorAll('.camera canvas').length === 2", 60s));
  for (const char* camera : {"camera-1", "yard"}) {
    ASSERT_TRUE(browser.eventually(contrast_of(camera) + " > 20", 60s)) << program_.said();
  }
  EXPECT_TRUE(browser.eventually("document.getElementById('connection').textContent === 'live'"));
  EXPECT_TRUE(browser.eventually(
      "[...document.querySelectorAll('.people')].every((each) => /^[0-9]+ p/.test(each.textContent))"));
  EXPECT_TRUE(browser.eventually("/[0-9] ms/.test(document.getElementById('figures').textContent)"));
  EXPECT_TRUE(browser.eventually("document.querySelectorAll('#lag tr').length > 0"));
  EXPECT_TRUE(browser.eventually("document.querySelectorAll('#alerts li:not(.quiet)').length > 0", 60s));
  EXPECT_TRUE(browser.eventually("document.querySelectorAll('#pictures figure').length > 1", 60s));
  EXPECT_FALSE(browser.evaluate(kScrollsSideways));

  const std::filesystem::path file = out_ / "page.png";
  browser.screenshot(file);
  const cv::Mat picture = cv::imread(file.string(), cv::IMREAD_GRAYSCALE);
  ASSERT_EQ(picture.size(), cv::Size(1280, 800));
  cv::Scalar mean;
  cv::Scalar deviation;
  cv::meanStdDev(picture(cv::Rect(100, 130, 200, 150)), mean, deviation);
  EXPECT_GT(deviation[0], 10) << "a camera's picture";
  EXPECT_EQ(browser.complaints(), "");
  end();
}

TEST_F(Page, FitsANarrowScreen) {
  Browser browser(url_, 390, 844);
  ASSERT_TRUE(browser.eventually("document.querySelectorAll('.camera canvas').length === 2", 60s));
  ASSERT_TRUE(browser.eventually(contrast_of("yard") + " > 20", 60s)) << program_.said();
  EXPECT_TRUE(browser.eventually("document.querySelectorAll('#detectors tr').length === 1"));
  EXPECT_FALSE(browser.evaluate(kScrollsSideways));
  EXPECT_EQ(browser.complaints(), "");
  end();
}

TEST_F(Page, StartsAndStopsDetectorsAndSearchesPictures) {
  const std::string state = "document.querySelector('#detectors tr:nth-child(2) td:nth-child(4)')?.textContent";
  {
    Browser first(url_);
    ASSERT_TRUE(first.eventually("document.querySelectorAll('#detectors tr').length === 1", 60s));
    ASSERT_TRUE(first.click("#add-detector"));
    ASSERT_TRUE(first.eventually(state + " === 'running'", 60s)) << program_.said();
    EXPECT_EQ(first.complaints(), "");
  }  // it crashes
  Browser second(url_);
  ASSERT_TRUE(second.eventually(contrast_of("camera-1") + " > 20", 60s)) << program_.said();
  ASSERT_TRUE(second.click("[aria-label='Stop detector-2']"));
  ASSERT_TRUE(second.eventually(state + " === 'stopped'", 60s)) << program_.said();

  ASSERT_TRUE(second.eventually("document.querySelectorAll('#pictures figure').length > 1", 60s));
  second.evaluate("document.querySelector('#search [name=least]').value = 500");
  ASSERT_TRUE(second.click("#search [type=submit]"));
  EXPECT_TRUE(second.eventually("document.querySelectorAll('#pictures figure').length === 0"));
  ASSERT_TRUE(second.click("#search [type=reset]"));
  EXPECT_TRUE(second.eventually("document.querySelectorAll('#pictures figure').length > 1"));
  ASSERT_TRUE(second.click("#pictures button"));
  EXPECT_TRUE(second.eventually("document.getElementById('enlarged').open"));
  EXPECT_EQ(second.complaints(), "");
  end();
}

}  // namespace
}  // namespace smart_camera::tests
