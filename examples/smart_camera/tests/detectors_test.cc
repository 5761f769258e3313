// The detectors that `smart_camera` knows by name, compared with the people on 40 frames of the pedestrian video. The
// video and the models are those that cmake/setup.sh tests fetches.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stop_token>
#include <string>
#include <vector>

#include "detector_choice.h"
#include "evaluate.h"
#include "support/cache_folder.h"
#include "support/errors.h"
#include "unit/cli/child.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;
using conveyor::tests::contains;
using conveyor::tests::thrown_by;

std::string video() { return (support::cache_folder() / "vtest.avi").string(); }

double frames_a_second(const Evaluation& evaluation) { return 1000 / evaluation.processor_ms; }

TEST(Detectors, NetworksFindTwiceWhatHogFindsWithFewerMistakesAndSsdliteIsEightTimesAsFast) {
  const std::vector<FrameTruth> truth = read_truth(VTEST_PEOPLE);
  DetectorEvaluation hog_run(make_detector("hog"));
  DetectorEvaluation ssdlite_run(make_detector("ssdlite"));
  DetectorEvaluation centernet_run(make_detector("centernet"));
  // Frame by frame, so that whatever else the machine does slows all of them.
  for_each_frame(video(), truth, {}, [&](const cv::Mat& pixels, const FrameTruth& frame) {
    hog_run.add(pixels, frame);
    ssdlite_run.add(pixels, frame);
    centernet_run.add(pixels, frame);
  });
  const Evaluation hog = hog_run.result();
  const Evaluation ssdlite = ssdlite_run.result();
  const Evaluation centernet = centernet_run.result();
  std::fputs((report("hog", hog) + report("ssdlite", ssdlite) + report("centernet", centernet)).c_str(), stdout);

  ASSERT_EQ(hog.frames, 40);
  EXPECT_GT(hog.matches.found, 0);
  for (const Evaluation& network : {ssdlite, centernet}) {
    EXPECT_GE(network.matches.recall().value(), 2 * hog.matches.recall().value());
    EXPECT_GE(network.matches.precision().value(), hog.matches.precision().value());
  }
  const double times = frames_a_second(ssdlite) / frames_a_second(hog);
  std::printf("ssdlite is %.1f times as fast as hog\n", times);
  EXPECT_GE(times, 8);
}

TEST(ForEachFrame, RefusesATruthOfALongerVideo) {
  std::vector<std::int64_t> seen;
  const auto error = thrown_by([&] {
    for_each_frame(video(), {{.frame = 5}, {.frame = 794}, {.frame = 795}}, {},
                   [&](const cv::Mat&, const FrameTruth& frame) { seen.push_back(frame.frame); });
  });
  EXPECT_EQ(seen, (std::vector<std::int64_t>{5, 794}));
  EXPECT_TRUE(contains(error.text, "has no frame 795 that can be decoded")) << error.text;
}

TEST(ForEachFrame, EndsWhenItIsStopped) {
  std::stop_source stop;
  std::vector<std::int64_t> seen;
  for_each_frame(video(), read_truth(VTEST_PEOPLE), stop.get_token(), [&](const cv::Mat&, const FrameTruth& frame) {
    seen.push_back(frame.frame);
    if (frame.frame == 20) stop.request_stop();
  });
  EXPECT_EQ(seen, (std::vector<std::int64_t>{0, 20}));
}

TEST(EvaluateCommand, PrintsTheFiguresOfOneDetector) {
  conveyor::Child command({SMART_CAMERA, "evaluate", video(), VTEST_PEOPLE, "--detector", "ssdlite"});
  ASSERT_EQ(command.wait(60s), 0) << command.errors();
  for (const char* line : {"detector     ssdlite\n", "frames       40\n", "people       246\n", "\nrecall       "}) {
    EXPECT_TRUE(contains(command.output(), line));
  }
}

TEST(EvaluateCommand, NamesTheWrongLineOfTheTruth) {
  const auto file = std::filesystem::temp_directory_path() / ("smart_camera_truth." + std::to_string(getpid()));
  std::ofstream(file) << "0 1,2,3\n";
  conveyor::Child command({SMART_CAMERA, "evaluate", video(), file, "--detector", "hog"});
  EXPECT_EQ(command.wait(60s), 1);
  EXPECT_TRUE(contains(command.errors(), file.string() + ", line 1: \"1,2,3\" is no box"));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace smart_camera
