#include "conveyor/vision/preprocess.h"

#include <gtest/gtest.h>

#include <atomic>
#include <opencv2/core.hpp>
#include <thread>
#include <utility>
#include <vector>

#include "conveyor/vision/steps.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

cv::Mat noise(int width, int height, int type) {
  cv::Mat pixels(height, width, type);
  cv::randu(pixels, 0, 255);
  return pixels;
}

// A step of a user's own.
class Invert final : public PreprocessStep {
 public:
  void apply(const Sample& in, Sample& out) const override {
    cv::bitwise_not(in.pixels, out.pixels);
    out.mask = in.mask;
  }
  std::string text() const override { return "invert"; }
};

template <class F>
class Lambda final : public PreprocessStep {
 public:
  explicit Lambda(F apply) : apply_(apply) {}
  void apply(const Sample& in, Sample& out) const override { apply_(in, out); }
  std::string text() const override { return "lambda"; }

 private:
  F apply_;
};
template <class F>
PreprocessChain chain_of(F apply) {
  return {std::make_shared<Lambda<F>>(apply)};
}

TEST(PreprocessChain, LeavesTheImageAloneWhenEmpty) {
  const Sample in{.pixels = noise(4, 3, CV_8UC3)};
  Scratch scratch;
  EXPECT_EQ(PreprocessChain().run(in, scratch).pixels.data, in.pixels.data);
  EXPECT_EQ(PreprocessChain().text(), "");
}

TEST(PreprocessChain, ChangesNothingOfItsInput) {
  const Sample in{.pixels = noise(40, 30, CV_8UC3)};
  const cv::Mat before = in.pixels.clone();
  Scratch scratch;
  const PreprocessChain chain{color(Color::kRgb),         resize(40, 30), letterbox(50, 50), color(Color::kRgb),
                              std::make_shared<Invert>(), rescale()};
  const Sample& out = chain.run(in, scratch);
  EXPECT_EQ(out.pixels.type(), CV_32FC3);
  EXPECT_TRUE(out.rgb);
  EXPECT_EQ(cv::norm(in.pixels, before, cv::NORM_INF), 0);
}

/// Passes everything on and notes where it lies.
class Spy final : public PreprocessStep {
 public:
  void apply(const Sample& in, Sample& out) const override {
    seen.push_back(in.pixels.data);
    seen.push_back(in.mask.data);
    in.pixels.copyTo(out.pixels);
    out.mask = in.mask;
  }
  std::string text() const override { return "spy"; }
  mutable std::vector<const unsigned char*> seen;
};

TEST(PreprocessChain, AllocatesNothingOnceWarm) {
  const auto spy = std::make_shared<Spy>();
  const PreprocessChain chain{color(Color::kRgb),  spy, resize(64, 64), spy, letterbox(96, 80, 7), spy,
                              color(Color::kGray), spy, rescale(2, 1),  spy, resize(32, 32),       spy};
  Scratch scratch;
  Sample in{.pixels = noise(200, 100, CV_8UC3)};
  in.mask = cv::Mat(100, 200, CV_8UC1, cv::Scalar(255));
  chain.run(in, scratch);
  const auto first = std::exchange(spy->seen, {});
  for (int run = 0; run < 5; ++run) {
    cv::randu(in.pixels, 0, 255);
    chain.run(in, scratch);
    EXPECT_EQ(std::exchange(spy->seen, {}), first);
  }
}

TEST(PreprocessChain, LeavesWhatSomebodyHoldsToThem) {
  const PreprocessChain chain{resize(8, 8)};
  Scratch scratch;
  const cv::Mat held = chain.run({.pixels = cv::Mat(4, 4, CV_8UC1, cv::Scalar(1))}, scratch).pixels;
  chain.run({.pixels = cv::Mat(4, 4, CV_8UC1, cv::Scalar(2))}, scratch);
  EXPECT_EQ(cv::mean(held)[0], 1);
}

TEST(PreprocessChain, NeverWritesIntoTheMaskItWasGiven) {
  Sample in{.pixels = noise(8, 8, CV_8UC1), .mask = cv::Mat(8, 8, CV_8UC1, cv::Scalar(255))};
  Scratch scratch;
  PreprocessChain({rescale()}).run(in, scratch);  // passes the mask on
  PreprocessChain({letterbox(8, 8)}).run({.pixels = noise(8, 4, CV_8UC1), .mask = cv::Mat(4, 8, CV_8UC1)}, scratch);
  EXPECT_EQ(cv::countNonZero(in.mask), 64);
}

TEST(PreprocessChain, IsSharedByThreads) {
  const PreprocessChain chain = built_in_steps().parse(
      "letterbox(64,64)|color(gray)|rescale(0.5,3)|mask|bias|clip(1,99)|zscore|crop|median(3)|resize(30,20)");
  const Sample in{.pixels = noise(100, 60, CV_8UC3)};
  Scratch first;
  const cv::Mat expected = chain.run(in, first).pixels.clone();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        Scratch scratch;
        for (int run = 0; run < 50; ++run) {
          if (cv::norm(chain.run(in, scratch).pixels, expected, cv::NORM_INF) != 0) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST(PreprocessChain, NamesTheStepThatFails) {
  Scratch scratch;
  const PreprocessChain gray{color(Color::kGray)};
  EXPECT_ERROR(errc::decode, "color(gray) cannot work on 4 x 3, 2 channels, 8 bit: 1, 3 or 4 channels",
               gray.run({.pixels = noise(4, 3, CV_8UC2)}, scratch));
  const PreprocessChain integers{resize(8, 8)};
  EXPECT_ERROR(errc::decode, "resize(8,8) cannot work on 4 x 3, 1 channel, 32 bit signed",
               integers.run({.pixels = noise(4, 3, CV_32SC1)}, scratch));
  EXPECT_ERROR(errc::decode, "no pixels", integers.run({}, scratch));
}

TEST(PreprocessChain, RefusesStepsThatBreakTheRules) {
  const Sample in{.pixels = noise(4, 3, CV_8UC1), .mask = cv::Mat(3, 4, CV_8UC1, cv::Scalar(255))};
  Scratch scratch;
  EXPECT_ERROR(errc::decode, "not copied",
               chain_of([](const Sample& a, Sample& b) { b.pixels = a.pixels; }).run(in, scratch));
  EXPECT_ERROR(errc::decode, "it lost the mask",
               chain_of([](const Sample& a, Sample& b) { a.pixels.copyTo(b.pixels); }).run(in, scratch));
  Scratch unused;
  EXPECT_ERROR(errc::decode, "it gave no pixels", chain_of([](const Sample&, Sample&) {}).run(in, unused));
  Sample small = in;
  small.mask = cv::Mat(1, 1, CV_8UC1);
  EXPECT_ERROR(errc::decode, "a mask of 1 x 1", PreprocessChain({resize(2, 2)}).run(small, scratch));
  EXPECT_ERROR(errc::invalid_config, "null", PreprocessChain({nullptr}));
}

TEST(PreprocessChain, HandsFactsOnToStepsThatDoNotMentionThem) {
  Sample in{.pixels = noise(8, 4, CV_8UC3), .rgb = true, .slope = 2, .intercept = -1};
  Scratch scratch;
  const PreprocessChain chain{resize(4, 4), std::make_shared<Invert>()};
  const Sample& out = chain.run(in, scratch);
  EXPECT_TRUE(out.rgb);
  EXPECT_EQ(out.slope, 2);
  EXPECT_EQ(out.intercept, -1);
  EXPECT_EQ(out.to_source(0, 0), 2);
}

TEST(ToSource, ComposesStepAfterStep) {
  // A box in the frame, taken through the chain by hand, comes back where it was.
  const Sample in{.pixels = noise(768, 576, CV_8UC3)};
  Scratch scratch;
  const PreprocessChain chain{resize(384, 288), letterbox(320, 320), resize(160, 80)};
  const Sample& out = chain.run(in, scratch);
  // 384 x 288 into 320: factor 5/6, so 320 x 240 with 40 above; then a half and a quarter.
  const auto forward_x = [](double x) { return x / 2 * 5 / 6 / 2; };
  const auto forward_y = [](double y) { return (y / 2 * 5 / 6 + 40) / 4; };
  const Box there{static_cast<float>(forward_x(101)), static_cast<float>(forward_y(57)),
                  static_cast<float>(forward_x(241) - forward_x(101)),
                  static_cast<float>(forward_y(400) - forward_y(57))};
  const Box back = to_source(there, out);
  EXPECT_NEAR(back.x, 101, 1e-3);
  EXPECT_NEAR(back.y, 57, 1e-3);
  EXPECT_NEAR(back.width, 140, 1e-3);
  EXPECT_NEAR(back.height, 343, 1e-3);
}

TEST(ToSource, HoldsTurnedBoxes) {
  Sample turned{.pixels = noise(4, 4, CV_8UC1)};
  turned.to_source = cv::Matx23d(0, -1, 100, 1, 0, 0);  // a quarter turn
  EXPECT_EQ(to_source({10, 20, 5, 7}, turned), (Box{73, 10, 7, 5}));
}

}  // namespace
}  // namespace conveyor::vision
