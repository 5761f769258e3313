#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <opencv2/core.hpp>
#include <random>
#include <string>

#include "conveyor/error.h"
#include "conveyor/vision/steps.h"

namespace conveyor::vision {
namespace {

class RandomChains : public ::testing::Test {
 protected:
  int number(int least, int greatest) { return std::uniform_int_distribution(least, greatest)(random_); }

  std::string step() {
    const int side = number(1, 60), other = number(1, 60), low = number(0, 99);
    const std::array<std::string, 20> all = {fmt::format("rescale({},{})", number(-3, 3), number(-5, 5)),
                                             fmt::format("mask({})", number(0, 7)),
                                             fmt::format("bias(0.{:02})", number(5, 99)),
                                             fmt::format("clip({},{})", low, number(low + 1, 100)),
                                             "zscore",
                                             fmt::format("normalize({},{})", number(-9, 9), number(1, 9)),
                                             fmt::format("median({})", number(0, 1) == 0 ? 3 : 5),
                                             fmt::format("crop({})", number(0, 9)),
                                             fmt::format("resize({},{})", side, other),
                                             fmt::format("letterbox({},{},{})", side, other, number(-3, 300)),
                                             fmt::format("levels({})", number(1, 70'000)),
                                             "depth(8)",
                                             fmt::format("crop_center({},{})", number(1, 30), number(1, 30)),
                                             fmt::format("resize({},{},linear)", side, other),
                                             fmt::format("resize_shortest({})", side),
                                             fmt::format("letterbox({},{},0,linear)", side, other),
                                             fmt::format("resize({},{},lanczos)", side, other),
                                             fmt::format("resize_shortest({},lanczos,round)", side),
                                             fmt::format("crop_center({},{},floor)", number(1, 30), number(1, 30)),
                                             "color(gray)"};
    return all[static_cast<std::size_t>(number(0, 19))];
  }

  std::string chain() {
    std::string text = step();
    for (int more = number(0, 4); more > 0; --more) text += "|" + step();
    return text;
  }

  Sample sample() {
    const std::array<int, 9> types = {CV_8UC1,  CV_16UC1, CV_32FC1, CV_8UC3, CV_32FC3,
                                      CV_16UC4, CV_16SC1, CV_64FC1, CV_8UC2};
    cv::theRNG().state = random_();
    // Half of them gray, as steps for scans want them.
    const int type = types[static_cast<std::size_t>(number(0, 1) == 0 ? number(0, 2) : number(0, 8))];
    Sample made{.pixels = cv::Mat(number(1, 50), number(1, 50), type)};
    cv::randu(made.pixels, number(-1, 0) * 100, number(1, 66'000));
    if (number(0, 4) == 0) made.pixels.setTo(number(0, 3));
    if (number(0, 2) == 0) {
      made.mask.create(made.pixels.size(), CV_8UC1);
      cv::randu(made.mask, 0, number(1, 3));
    }
    return made;
  }

  const unsigned seed_ = std::random_device()();
  const ::testing::ScopedTrace trace_{__FILE__, __LINE__, "seed " + std::to_string(seed_)};
  std::mt19937 random_{seed_};
};

TEST_F(RandomChains, GiveFinitePixelsOrSayWhichStepCannot) {
  const StepRegistry steps = built_in_steps();
  Scratch scratch;
  int worked = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = chain();
    SCOPED_TRACE(text);
    const PreprocessChain parsed = steps.parse(text);
    const Sample in = sample();
    const cv::Mat before = in.pixels.clone();
    try {
      const Sample& out = parsed.run(in, scratch);
      EXPECT_TRUE(cv::checkRange(out.pixels));
      ++worked;
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), errc::decode) << error.what();
      EXPECT_NE(std::string(error.what()).find("preprocess step "), std::string::npos) << error.what();
    }
    EXPECT_EQ(cv::norm(in.pixels, before, cv::NORM_INF), 0) << "the image it was given changed";
  }
  EXPECT_GT(worked, 1000) << "most were refused, so that this shows little";
}

TEST_F(RandomChains, GiveTheSameAfterOtherImages) {
  const StepRegistry steps = built_in_steps();
  Scratch used;
  for (int round = 0; round < 500; ++round) {
    const PreprocessChain parsed = steps.parse(chain());
    SCOPED_TRACE(parsed.text());
    const Sample in = sample();
    try {
      Scratch fresh;
      const Sample& alone = parsed.run(in, fresh);
      const Sample& after = parsed.run(in, used);
      EXPECT_EQ(cv::norm(alone.pixels, after.pixels, cv::NORM_INF), 0);
      EXPECT_EQ(alone.to_source, after.to_source);
      ASSERT_EQ(alone.mask.empty(), after.mask.empty());
      if (!alone.mask.empty()) {
        EXPECT_EQ(cv::norm(alone.mask, after.mask, cv::NORM_INF), 0);
      }
    } catch (const Error&) {
      continue;  // the test above looks at these
    }
  }
}

}  // namespace
}  // namespace conveyor::vision
