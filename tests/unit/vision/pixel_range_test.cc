#include "conveyor/vision/pixel_range.h"

#include <gtest/gtest.h>

#include <opencv2/core.hpp>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "conveyor/vision/steps.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

using Kind = PixelRange::Kind;

const cv::Mat kEight(4, 6, CV_8UC1, cv::Scalar(51)), kSixteen(4, 6, CV_16UC1, cv::Scalar(13107));
const Sample kTwelve{.pixels = cv::Mat(4, 6, CV_16UC1, cv::Scalar(819)), .range = PixelRange::levels(4095)};
const Sample kCt{.pixels = kSixteen, .slope = 1, .intercept = -1024};
const PixelRange kParts{Kind::kRescaled, 0, 1};

struct Left {
  PixelRange range;
  std::string from;  // the step
  cv::Mat pixels;
};
Left run(const std::string& chain, const Sample& in) {
  Scratch scratch;
  const Sample& out = built_in_steps().parse(chain).run(in, scratch);
  return {range_of(out), out.range_from ? out.range_from->text() : "", out.pixels.clone()};
}

TEST(PixelRange, FollowsFromTheDepthWhereNobodySaysIt) {
  EXPECT_EQ(range_of({.pixels = kEight}), PixelRange::levels(255));
  EXPECT_EQ(range_of({.pixels = kSixteen}), PixelRange::levels(65535));
  EXPECT_EQ(range_of(kCt), PixelRange::physical(0, 65535));
  EXPECT_EQ(range_of(kTwelve), PixelRange::levels(4095));
  EXPECT_EQ(range_of({.pixels = cv::Mat(4, 6, CV_32FC1)}).kind, Kind::kUnknown);
  EXPECT_EQ(range_of({.pixels = cv::Mat(4, 6, CV_16SC1)}).kind, Kind::kUnknown);
}

TEST(PixelRange, StaysInStepsThatMovePixels) {
  for (const char* chain : {"mask", "bias", "clip(1,99)", "median(3)", "crop", "resize(3,2)", "letterbox(9,9)",
                            "color(gray)", "color(bgr)", "color(rgb)", "rescale"}) {
    Sample in = kTwelve;
    in.pixels = kTwelve.pixels.clone();
    in.pixels.col(2).setTo(4000);
    const Left left = run(chain, in);
    EXPECT_EQ(left.range, PixelRange::levels(4095)) << chain;
    EXPECT_EQ(left.from, "") << chain;
  }
}

TEST(PixelRange, NamesTheStepThatChangedIt) {
  const std::string to_parts = "rescale(0.00392156862745098,0)";
  const Left parts = run(to_parts + "|resize(3,2)|color(rgb)", {.pixels = kEight});
  EXPECT_EQ(parts.range.kind, Kind::kRescaled);
  EXPECT_DOUBLE_EQ(parts.range.white, 1);
  EXPECT_EQ(parts.from, to_parts);
  EXPECT_EQ(run("zscore|resize(3,2)", {.pixels = kEight}).range, PixelRange::normalized());
  EXPECT_EQ(run("zscore|resize(3,2)", {.pixels = kEight}).from, "zscore");
  EXPECT_EQ(run("normalize(20,4)", {.pixels = kEight}).range, PixelRange::normalized());
  EXPECT_EQ(run("rescale(2,-1)", {.pixels = kEight}).range, (PixelRange{Kind::kRescaled, -1, 509}));
}

TEST(PixelRange, OfAFileThatRescalesIsPhysical) {
  EXPECT_EQ(run("rescale", kCt).range, PixelRange::physical(-1024, 64511));
  EXPECT_EQ(run("rescale(0.5,10)|resize(3,2)", kCt).range, PixelRange::physical(-502, 32265.5));
  EXPECT_EQ(run("resize(3,2)", kCt).range, PixelRange::physical(0, 65535)) << "still to be rescaled";
  EXPECT_EQ(run("rescale(1,160)|levels(400)", kCt).range, PixelRange::levels(400)) << "a window";
}

template <class F>
class Step final : public PreprocessStep {
 public:
  explicit Step(F apply) : apply_(apply) {}
  void apply(const Sample& in, Sample& out) const override { apply_(in, out); }
  std::string text() const override { return "own"; }

 private:
  F apply_;
};
template <class F>
Left run_own(F apply, const Sample& in) {
  Scratch scratch;
  const Sample& out = PreprocessChain({std::make_shared<Step<F>>(apply)}).run(in, scratch);
  return {range_of(out), out.range_from ? out.range_from->text() : "", {}};
}

TEST(PixelRange, OfAStepThatSaysNothingIsKnownOnlyWhereIntegersStay) {
  const auto invert = [](const Sample& in, Sample& out) { cv::bitwise_not(in.pixels, out.pixels); };
  EXPECT_EQ(run_own(invert, {.pixels = kEight}).range, PixelRange::levels(255));
  EXPECT_EQ(run_own(invert, kTwelve).range, PixelRange::levels(4095));
  const auto as_float = [](const Sample& in, Sample& out) { in.pixels.convertTo(out.pixels, CV_32F, 1.0 / 255); };
  EXPECT_EQ(run_own(as_float, {.pixels = kEight}).range, PixelRange::unknown());
  EXPECT_EQ(run_own(as_float, {.pixels = kEight}).from, "own");
  const auto wider = [](const Sample& in, Sample& out) { in.pixels.convertTo(out.pixels, CV_16U); };
  EXPECT_EQ(run_own(wider, {.pixels = kEight}).range, PixelRange::unknown());
  const Sample parts{.pixels = cv::Mat(4, 6, CV_32FC1, cv::Scalar(0.2)), .range = kParts};
  EXPECT_EQ(run_own(as_float, parts).range, PixelRange::unknown());
  const auto says = [](const Sample& in, Sample& out) {
    in.pixels.convertTo(out.pixels, CV_32F, 1.0 / 255);
    out.range = PixelRange::levels(1);
  };
  EXPECT_EQ(run_own(says, {.pixels = kEight}).range, PixelRange::levels(1));
}

TEST(Levels, SaysWhatWhiteIsAndKeepsToIt) {
  const cv::Mat pixels = (cv::Mat_<float>(1, 4) << -3, 0.25, 400, 401);
  const Left left = run("levels(400)", {.pixels = pixels});
  EXPECT_EQ(left.range, PixelRange::levels(400));
  const cv::Mat expected = (cv::Mat_<float>(1, 4) << 0, 0.25, 400, 400);
  EXPECT_EQ(cv::norm(left.pixels, expected, cv::NORM_INF), 0);
  const Left words = run("levels(4095)", {.pixels = cv::Mat(2, 2, CV_16UC3, cv::Scalar(819, 4095, 5000))});
  EXPECT_EQ(words.pixels.at<cv::Vec3w>(1, 1), cv::Vec3w(819, 4095, 4095));
  EXPECT_EQ(words.from, "levels(4095)");
  EXPECT_ERROR(errc::invalid_config, "above 0, not 0", (void)levels(0));
}

TEST(DepthStep, MakesEightBitOfLevels) {
  const Left sixteen = run("depth(8)", {.pixels = kSixteen}), twelve = run("depth(8)", kTwelve);
  EXPECT_EQ(sixteen.pixels.type(), CV_8UC1);
  EXPECT_EQ(cv::norm(sixteen.pixels, kEight, cv::NORM_INF), 0);
  EXPECT_EQ(cv::norm(twelve.pixels, kEight, cv::NORM_INF), 0);
  EXPECT_EQ(sixteen.range, PixelRange::levels(255));
  EXPECT_EQ(cv::norm(run("depth(8)", {.pixels = kEight}).pixels, kEight, cv::NORM_INF), 0);
  EXPECT_ERROR(errc::decode, "levels(WHITE) before it", (void)run("depth(8)", kCt));
  EXPECT_ERROR(errc::decode, "not normalised values", (void)run("zscore|depth(8)", {.pixels = kEight}));
  EXPECT_ERROR(errc::invalid_config, "16 is not a whole number from 8 to 8", (void)built_in_steps().parse("depth(16)"));
}

TEST(DepthStep, LeavesNothingToRescale) {
  const Sample inverted{.pixels = kSixteen, .slope = -1, .intercept = 65535, .range = PixelRange::levels(65535)};
  EXPECT_EQ(run("depth(8)|rescale", inverted).pixels.at<float>(0, 0), 51);
}

TEST(Letterbox, FillThatMayBeOfEightBitLeavesNoKnownRange) {
  EXPECT_EQ(run("letterbox(9,9,114)", {.pixels = kEight}).range, PixelRange::levels(255));
  EXPECT_EQ(run("letterbox(9,9,114)", {.pixels = kSixteen}).range, PixelRange::unknown());
  EXPECT_EQ(run("letterbox(9,9,114)", {.pixels = kSixteen}).from, "letterbox(9,9,114)");
  EXPECT_EQ(run("letterbox(9,9,114)", kTwelve).range, PixelRange::unknown());
  EXPECT_EQ(run("letterbox(9,9,1000)", kTwelve).range, PixelRange::levels(4095)) << "it can only be of 12 bit";
  EXPECT_EQ(run("letterbox(9,9)", kTwelve).range, PixelRange::levels(4095)) << "black is black";
  EXPECT_EQ(run("depth(8)|letterbox(9,9,114)", kTwelve).range, PixelRange::levels(255));
  EXPECT_EQ(run("letterbox(9,9,114)|levels(4095)", kTwelve).range, PixelRange::levels(4095));
  const Sample parts{.pixels = cv::Mat(4, 6, CV_32FC1, cv::Scalar(0.2)), .range = PixelRange::levels(1)};
  EXPECT_EQ(run("letterbox(9,9,0.5)", parts).range, PixelRange::levels(1));
  EXPECT_EQ(run("letterbox(9,9,114)", parts).range, PixelRange::unknown());
}

TEST(PixelRange, TellsNumbersOfAStepThatAreForOtherPixels) {
  const std::string to_parts = "rescale(0.00392156862745098,0)", imagenet = "normalize(0.5,0.4,0.4,0.2,0.2,0.2)",
                    imagenet_bytes = "normalize(123.7,116.3,103.5,58.4,57.1,57.4)";
  const Sample eight{.pixels = cv::Mat(4, 6, CV_8UC3, cv::Scalar(1, 2, 3))};
  const Sample sixteen{.pixels = cv::Mat(4, 6, CV_16UC3, cv::Scalar(1, 2, 3))};
  for (const auto& [chain, picture] : std::vector<std::pair<std::string, Sample>>{
           {to_parts + "|" + imagenet, eight},
           {imagenet_bytes, eight},
           {"depth(8)|" + to_parts + "|" + imagenet, sixteen},
           {"rescale(0.0000152590218966964,0)|" + imagenet, sixteen},
           {"rescale(0.00389105058365759,0)|" + imagenet_bytes, sixteen},  // to the range of 8 bit
           {"normalize(1200,300)", sixteen},                               // of somebody's own
           {to_parts + "|zscore", {.pixels = kSixteen}}}) {                // the same whatever the factor
    EXPECT_EQ(run(chain, picture).range, PixelRange::normalized()) << chain;
  }
  for (const auto& [chain, picture, white] :
       std::vector<std::tuple<std::string, Sample, double>>{{to_parts, sixteen, 255},
                                                            {to_parts, kTwelve, 255},
                                                            {to_parts + "|" + to_parts, eight, 255},
                                                            {to_parts + "|rescale(2,1)|resize(3,2)", sixteen, 255},
                                                            {imagenet, eight, 1},
                                                            {to_parts + "|" + imagenet, sixteen, 255},
                                                            {imagenet_bytes, sixteen, 255},
                                                            {to_parts + "|" + imagenet_bytes, eight, 255},
                                                            {"zscore|normalize(0.5,0.5)", {.pixels = kEight}, 1},
                                                            {"normalize(127.5,127.5)", {.pixels = kSixteen}, 255}}) {
    EXPECT_EQ(run(chain, picture).range, PixelRange::mismatched(white)) << chain;
  }
  EXPECT_EQ(run(to_parts + "|resize(3,2)", sixteen).from, to_parts);
}

}  // namespace
}  // namespace conveyor::vision
