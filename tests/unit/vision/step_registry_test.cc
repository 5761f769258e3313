#include <gtest/gtest.h>

#include "conveyor/vision/steps.h"
#include "unit/vision/expect_error.h"

namespace conveyor::vision {
namespace {

TEST(StepRegistry, ParsesWhatChainsPrint) {
  const StepRegistry steps = built_in_steps();
  for (const char* text : {"",
                           "rescale",
                           "rescale(0.00392156862745098,-0.5)",
                           "resize(64,48)",
                           "letterbox(640,480)",
                           "letterbox(640,480,114)",
                           "color(gray)",
                           "color(bgr)|color(rgb)",
                           "letterbox(32,32,0.1)|color(gray)|rescale(1e-07,0)|resize(1,32768)",
                           "mask",
                           "mask(0)",
                           "mask(64)",
                           "bias",
                           "bias(0.05)",
                           "clip(0.5,99.5)",
                           "zscore",
                           "median(3)|median(5)",
                           "crop",
                           "crop(12)",
                           "crop_center(224,224)",
                           "resize(64,48,linear)",
                           "resize_shortest(256)",
                           "resize_shortest(256,linear)",
                           "resize(64,48,lanczos)|resize_shortest(256,lanczos)|letterbox(640,640,0,lanczos)",
                           "resize_shortest(256,area,round)|resize_shortest(256,lanczos,round)|crop_center(8,9,floor)",
                           "letterbox(640,640,114,linear)",
                           "letterbox(640,640,0,linear)",
                           "normalize(0.5,0.25)",
                           "normalize(0.485,0.456,0.406,0.229,0.224,0.225)",
                           "rescale|mask|bias|clip(1,99)|zscore|crop|resize(64,64)"}) {
    EXPECT_EQ(steps.parse(text).text(), text);
  }
}

TEST(StepRegistry, PrintsChainsMadeInCodeSoThatTheyParse) {
  const PreprocessChain chain{rescale(1.0 / 3, 0.1),
                              resize(7, 9),
                              letterbox(20, 30, 1.0 / 7),
                              color(Color::kGray),
                              mask(3),
                              bias(1.0 / 3),
                              clip(0.1, 99.9),
                              zscore(),
                              crop(2),
                              crop_center(3, 4),
                              crop_center(3, 4, Rounding::kDown),
                              resize(7, 9, Interpolation::kLinear),
                              resize_shortest(5),
                              resize_shortest(5, Interpolation::kLinear, Rounding::kNearest),
                              letterbox(20, 30, 0, Interpolation::kLinear),
                              median(5),
                              normalize(0.1, 1.0 / 3),
                              normalize({0.1, 0.2, 0.3}, {1, 2, 1.0 / 3})};
  EXPECT_EQ(built_in_steps().parse(chain.text()).text(), chain.text());
}

TEST(StepRegistry, DoesNotMindBlanksAndDefaults) {
  const StepRegistry steps = built_in_steps();
  EXPECT_EQ(steps.parse("  letterbox ( 64 ,48, 0 )\n| color( gray ) ").text(), "letterbox(64,48)|color(gray)");
  EXPECT_EQ(steps.parse("rescale()").text(), "rescale");
  EXPECT_EQ(steps.parse("mask(2)|bias(0.2)|crop(0)|zscore()").text(), "mask|bias|crop|zscore");
  EXPECT_EQ(steps.parse("resize(8,6,area)|letterbox(8,6,0,area)").text(), "resize(8,6)|letterbox(8,6)");
  EXPECT_EQ(steps.parse("resize_shortest(8,area,floor)|crop_center(8,6,round)").text(),
            "resize_shortest(8)|crop_center(8,6)");
  EXPECT_TRUE(steps.parse(" \n ").empty());
}

TEST(StepRegistry, NamesTheKnownStepsAndTheClosest) {
  EXPECT_ERROR(errc::invalid_config,
               "no preprocess step is called leterbox; did you mean letterbox? Known are: bias, clip, color, crop, "
               "crop_center, depth, letterbox, "
               "levels, mask, median, normalize, rescale, resize, resize_shortest, zscore",
               (void)built_in_steps().parse("resize(8,8)|leterbox(4,4)"));
  EXPECT_ERROR(errc::invalid_config, "none", (void)StepRegistry().parse("resize(8,8)"));
}

TEST(StepRegistry, SaysWhatIsWrongWithArguments) {
  const StepRegistry steps = built_in_steps();
  const auto parse = [&](const char* text) { (void)steps.parse(text); };
  EXPECT_ERROR(errc::invalid_config, "resize(8) needs at least 2 arguments", parse("resize(8)"));
  EXPECT_ERROR(errc::invalid_config, "resize(8,9,10): \"10\" is none of area, linear, lanczos",
               parse("resize(8,9,10)"));
  EXPECT_ERROR(errc::invalid_config, "has 4 arguments; it takes 3", parse("resize(8,9,linear,10)"));
  EXPECT_ERROR(errc::invalid_config, "\"cubic\" is none of area, linear, lanczos", parse("resize_shortest(8,cubic)"));
  EXPECT_ERROR(errc::invalid_config, "\"up\" is neither floor nor round", parse("resize_shortest(8,linear,up)"));
  EXPECT_ERROR(errc::invalid_config, "crop_center(8) needs at least 2 arguments", parse("crop_center(8)"));
  EXPECT_ERROR(errc::invalid_config, "\"wide\" is not a number", parse("resize(wide,8)"));
  EXPECT_ERROR(errc::invalid_config, "8.5 is not a whole number from 1 to 32768", parse("resize(8.5,8)"));
  EXPECT_ERROR(errc::invalid_config, "-3 is not a whole number", parse("resize(-3,8)"));
  EXPECT_ERROR(errc::invalid_config, "\"inf\" is not a number", parse("rescale(inf,8)"));
  EXPECT_ERROR(errc::invalid_config, "\"pink\" is none of gray, bgr, rgb", parse("color(pink)"));
  EXPECT_ERROR(errc::invalid_config, "at least 1 argument", parse("color"));
  EXPECT_ERROR(errc::invalid_config, "clip needs at least", parse("clip"));
  EXPECT_ERROR(errc::invalid_config, "clip(1) needs at least 2 arguments", parse("clip(1)"));
  EXPECT_ERROR(errc::invalid_config, "its low percentile, 99, is not below its high one, 1", parse("clip(99,1)"));
  EXPECT_ERROR(errc::invalid_config, "mask(2.5): 2.5 is not a whole number from 0 to 64", parse("mask(2.5)"));
  EXPECT_ERROR(errc::invalid_config, "zscore(1) has 1 argument; it takes 0", parse("zscore(1)"));
  EXPECT_ERROR(errc::invalid_config, "its size must be 3 or 5, not 4", parse("median(4)"));
  EXPECT_ERROR(errc::invalid_config, "median(7): 7 is not a whole number from 3 to 5", parse("median(7)"));
  EXPECT_ERROR(errc::invalid_config, "crop(1,2) has 2 arguments; it takes 1", parse("crop(1,2)"));
  EXPECT_ERROR(errc::invalid_config, "step bias: its part must be from 0.05 to 1, not 2", parse("resize(8,8)|bias(2)"));
  EXPECT_ERROR(errc::invalid_config, "normalize(1,2,3) has 3 arguments; it takes a mean and a deviation, or 3 means",
               parse("normalize(1,2,3)"));
}

TEST(StepRegistry, RefusesMalformedText) {
  const StepRegistry steps = built_in_steps();
  for (const char* text : {"|", "rescale|", "|rescale", "rescale||rescale", "resize(8,8", "resize 8,8)", "resize(8,,8)",
                           "resize(8,8)x", "(8,8)", "resize((8,8))", "8", "re-size(8,8)", "rescale)"}) {
    EXPECT_THROW((void)steps.parse(text), Error) << text;
  }
}

TEST(StepRegistry, TakesStepsOfYourOwn) {
  StepRegistry steps = built_in_steps();
  steps.add("shrink", [](const StepArguments& arguments) {
    const int side = arguments.integer(0, 1, 100);
    return resize(side, side);
  });
  EXPECT_EQ(steps.parse("shrink(12)").text(), "resize(12,12)");
  EXPECT_ERROR(errc::invalid_config, "known already", steps.add("shrink", [](const auto&) { return rescale(); }));
  EXPECT_ERROR(errc::invalid_config, "not a name", steps.add("no blanks", [](const auto&) { return rescale(); }));
  EXPECT_ERROR(errc::invalid_config, "no function", steps.add("empty", nullptr));
  steps.add("broken", [](const auto&) { return StepPtr(); });
  EXPECT_ERROR(errc::invalid_config, "was not made", (void)steps.parse("broken"));
}

}  // namespace
}  // namespace conveyor::vision
