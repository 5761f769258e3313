#include "evaluate.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <opencv2/core.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "conveyor/vision/fake.h"
#include "detector_choice.h"
#include "support/errors.h"
#include "truth.h"

namespace smart_camera {
namespace {

using conveyor::tests::contains;
using conveyor::tests::thrown_by;

std::vector<FrameTruth> parse(const std::string& text) {
  std::istringstream stream(text);
  return parse_truth(stream, "truth.txt");
}

std::string refusal(const std::string& text) {
  return thrown_by([&] { (void)parse(text); }).text;
}

TEST(Truth, IsALineOfBoxesForEachFrame) {
  const auto truth = parse("# people\n\n0 1,2,3,4 50.5,60,70,80.25  # two\n20\n40 -5,0,9,9\n");
  ASSERT_EQ(truth.size(), 3U);
  EXPECT_EQ(truth[0].frame, 0);
  EXPECT_EQ(truth[0].people, (std::vector<Box>{{1, 2, 3, 4}, {50.5, 60, 70, 80.25}}));
  EXPECT_EQ(truth[1].frame, 20);
  EXPECT_TRUE(truth[1].people.empty());
  EXPECT_EQ(truth[2].people, (std::vector<Box>{{-5, 0, 9, 9}}));
}

TEST(Truth, NamesTheLineThatIsWrong) {
  EXPECT_EQ(refusal("# people\n0 1,2,3,4\nzero 1,2,3,4\n"),
            "truth.txt, line 3: it begins with \"zero\", and not with the number of a frame");
  EXPECT_EQ(refusal("-1\n"), "truth.txt, line 1: it begins with \"-1\", and not with the number of a frame");
  EXPECT_EQ(refusal("20\n20\n"), "truth.txt, line 2: frames must rise, and 20 stands above");
}

TEST(Truth, RefusesWhatIsNoBox) {
  for (const std::string box : {"1,2,3", "1,2,3,4,5", "1,2,3,", "1,2,x,4", "1,2,nan,4", "1,2,inf,4", "1,2,0,4",
                                "1,2,3,-4", "1,2,3,4x", ",,,", "7"}) {
    EXPECT_EQ(refusal("0 5,5,5,5 " + box),
              "truth.txt, line 1: \"" + box + "\" is no box; a box is X,Y,WIDTH,HEIGHT, the last two above 0");
  }
}

TEST(Truth, OfTheVideoHasPeopleOnFortyFramesAndWithinThem) {
  const auto truth = read_truth(VTEST_PEOPLE);
  ASSERT_EQ(truth.size(), 40U);
  std::size_t people = 0;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    EXPECT_EQ(truth[i].frame, static_cast<std::int64_t>(20 * i));
    people += truth[i].people.size();
    for (const Box& box : truth[i].people) {
      EXPECT_TRUE(box.x >= 0 && box.y >= 0 && box.x + box.width <= 768 && box.y + box.height <= 576)
          << "frame " << truth[i].frame << ": " << box.x << "," << box.y;
    }
  }
  EXPECT_EQ(people, 246U);
}

TEST(Truth, MustBeAFileWithFrames) {
  EXPECT_EQ(thrown_by([] { (void)read_truth("/nowhere/truth.txt"); }).text,
            "TRUTH, /nowhere/truth.txt, cannot be read");
  EXPECT_EQ(thrown_by([] { (void)read_truth("/dev/null"); }).text,
            "TRUTH, /dev/null, has no frame; a line is: FRAME X,Y,WIDTH,HEIGHT ...");
}

TEST(IntersectionOverUnion, IsTheSharedPartOfWhatBothCover) {
  EXPECT_DOUBLE_EQ(intersection_over_union({0, 0, 10, 10}, {0, 0, 10, 10}), 1);
  EXPECT_DOUBLE_EQ(intersection_over_union({0, 0, 10, 10}, {5, 0, 10, 10}), 50.0 / 150);
  EXPECT_DOUBLE_EQ(intersection_over_union({0, 0, 10, 10}, {5, 5, 10, 10}), 25.0 / 175);
  EXPECT_DOUBLE_EQ(intersection_over_union({2, 2, 4, 4}, {0, 0, 10, 10}), 16.0 / 100);
  EXPECT_DOUBLE_EQ(intersection_over_union({0, 0, 10, 10}, {10, 0, 10, 10}), 0);  // they touch
  EXPECT_DOUBLE_EQ(intersection_over_union({0, 0, 10, 10}, {20, 20, 10, 10}), 0);
}

TEST(Match, TakesAnOverlapOfOneHalfAndNoneBelow) {
  const std::vector<Box> people{{0, 0, 10, 10}};
  EXPECT_EQ(match({{0, 0, 10, 20}}, people), (Matches{.found = 1}));                 // 100 / 200
  EXPECT_EQ(match({{0, 0, 10, 20.5}}, people), (Matches{.wrong = 1, .missed = 1}));  // 100 / 205
}

TEST(Match, CountsASecondDetectionOfAPersonAsWrong) {
  const std::vector<Box> people{{0, 0, 10, 10}};
  EXPECT_EQ(match({{0, 0, 10, 10}, {0, 0, 10, 12}}, people), (Matches{.found = 1, .wrong = 1}));
  EXPECT_EQ(match({{0, 0, 10, 12}, {0, 0, 10, 10}}, people), (Matches{.found = 1, .wrong = 1}));
}

TEST(Match, GivesADetectionToThePersonItOverlapsMostAlsoWhenFound) {
  const std::vector<Box> people{{0, 0, 10, 10}, {0, 2, 10, 10}};
  const Box exact{0, 0, 10, 10};
  const Box near{0, 0.5, 10, 10};  // 95 / 105 of the first, 85 / 115 of the second
  EXPECT_EQ(match({exact, near}, people), (Matches{.found = 1, .wrong = 1, .missed = 1}));
}

TEST(Match, FindsNeighboursWhoseBoxesOverlap) {
  const std::vector<Box> people{{0, 0, 10, 10}, {6, 0, 10, 10}};
  const Box between{2, 0, 10, 10};  // 80 / 120 of the left, 60 / 140 of the right
  EXPECT_EQ(match({{6, 0, 10, 10}, between}, people), (Matches{.found = 2}));
  EXPECT_EQ(match({{0, 0, 10, 10}, {6, 0, 10, 10}, between}, people), (Matches{.found = 2, .wrong = 1}));
}

TEST(Match, KnowsFramesWithoutDetectionsAndWithoutPeople) {
  EXPECT_EQ(match({}, {}), Matches{});
  EXPECT_EQ(match({}, {{0, 0, 1, 1}, {5, 5, 1, 1}}), (Matches{.missed = 2}));
  EXPECT_EQ(match({{0, 0, 1, 1}}, {}), (Matches{.wrong = 1}));
}

TEST(Matches, HavePrecisionAndRecallOverAllFrames) {
  Matches all{.found = 2, .wrong = 1};
  all += {.found = 1, .wrong = 1, .missed = 5};
  EXPECT_EQ(all, (Matches{.found = 3, .wrong = 2, .missed = 5}));
  EXPECT_DOUBLE_EQ(all.precision().value(), 3.0 / 5);
  EXPECT_DOUBLE_EQ(all.recall().value(), 3.0 / 8);
}

TEST(Matches, HaveNoPrecisionWithoutDetectionsAndNoRecallWithoutPeople) {
  EXPECT_FALSE(Matches{.missed = 4}.precision());
  EXPECT_DOUBLE_EQ(Matches{.missed = 4}.recall().value(), 0);
  EXPECT_FALSE(Matches{.wrong = 4}.recall());
  EXPECT_DOUBLE_EQ(Matches{.wrong = 4}.precision().value(), 0);
}

TEST(DetectorEvaluation, CountsPeopleOnly) {
  conveyor::vision::Outcome outcome;
  outcome.add_detection("person", 0.9, {10, 10, 20, 40});
  outcome.add_detection("dog", 0.9, {60, 10, 20, 40});
  DetectorEvaluation evaluation(conveyor::vision::constant(outcome));
  const cv::Mat pixels(100, 100, CV_8UC3, cv::Scalar(0, 0, 0));
  evaluation.add(pixels, {.frame = 0, .people = {{10, 10, 20, 40}, {60, 10, 20, 40}}});
  evaluation.add(pixels, {.frame = 20});
  const Evaluation result = evaluation.result();
  EXPECT_EQ(result.frames, 2);
  EXPECT_EQ(result.matches, (Matches{.found = 1, .wrong = 1, .missed = 1}));  // on frame 20 it is wrong
  EXPECT_GT(result.processor_ms, 0);
}

TEST(Report, HasALineForEachFigure) {
  EXPECT_EQ(report("hog", {.frames = 40, .matches = {.found = 3, .wrong = 1, .missed = 5}, .processor_ms = 12.5}),
            "detector     hog\n"
            "frames       40\n"
            "people       8\n"
            "found        3\n"
            "wrong        1\n"
            "precision    75.0%\n"
            "recall       37.5%\n"
            "processor    12.5 ms a frame (the median)\n"
            "speed        80.0 frames a second of one core\n");
}

TEST(Report, SaysOfNothingThatThereIsNothing) {
  const std::string text = report("hog", {});
  EXPECT_TRUE(contains(text, "precision    -\nrecall       -\n"));
  EXPECT_FALSE(contains(text, "speed"));
}

TEST(MakeDetector, NamesTheCommandThatFetchesAModel) {
  ASSERT_EQ(setenv("CONVEYOR_CACHE", "/nowhere", 1), 0);
  EXPECT_EQ(thrown_by([] { (void)make_detector("ssdlite"); }).text,
            "the detector ssdlite needs /nowhere/models/pedestrians.onnx: run examples/models/fetch.sh pedestrians, or "
            "choose another with --detector");
  EXPECT_TRUE(contains(thrown_by([] { (void)make_detector("centernet"); }).text, "fetch.sh coco"));
}

TEST(MakeDetector, TakesClassifiersOfTheLibrary) {
  EXPECT_NE(make_detector("hog"), nullptr);
  EXPECT_NE(make_detector("constant:person"), nullptr);
  EXPECT_TRUE(contains(thrown_by([] { (void)make_detector("ssdlight"); }).text, "ssdlight"));
}

}  // namespace
}  // namespace smart_camera
