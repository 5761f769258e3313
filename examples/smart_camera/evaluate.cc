#include "evaluate.h"

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <opencv2/core/utility.hpp>
#include <optional>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/media/video.h"
#include "conveyor/testing/handler.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/vision/image.h"
#include "detector_choice.h"

namespace smart_camera {
namespace {

using conveyor::v1::Prediction;

[[noreturn]] void fail(const std::string& why) {
  throw conveyor::Error(conveyor::make_error_code(conveyor::errc::invalid_config), why);
}

/// Of the calling thread, in which the library's detectors compute: what decodes the video in others does not count.
double processor_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return 1e3 * static_cast<double>(now.tv_sec) + 1e-6 * static_cast<double>(now.tv_nsec);
}

std::vector<Box> people(const Prediction& prediction) {
  std::vector<Box> found;
  for (const conveyor::v1::Detection& detection : prediction.detections()) {
    if (detection.label() != "person") continue;
    const conveyor::v1::Box& box = detection.box();
    found.push_back({.x = box.x(), .y = box.y(), .width = box.width(), .height = box.height()});
  }
  return found;
}

double median(std::vector<double> numbers) {
  if (numbers.empty()) return 0;
  const auto middle = numbers.begin() + static_cast<std::ptrdiff_t>(numbers.size() / 2);
  std::nth_element(numbers.begin(), middle, numbers.end());
  return *middle;
}

template <class... Values>
std::string line(const char* format, Values... values) {
  char text[200];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

std::string percent(const std::optional<double>& part) { return part ? line("%.1f%%", 100 * *part) : "-"; }

}  // namespace

DetectorEvaluation::DetectorEvaluation(std::shared_ptr<const conveyor::vision::Model> detector)
    : predict_(std::move(detector)) {
  cv::setNumThreads(1);  // as serve() does
}

void DetectorEvaluation::add(const cv::Mat& pixels, const FrameTruth& truth) {
  conveyor::v1::Image image;
  conveyor::vision::to_image(pixels, image);
  const auto message = conveyor::testing::message(std::move(image), {.topic = "frame " + std::to_string(truth.frame)});
  const double start = processor_ms();
  const Prediction prediction = predict_(message);
  milliseconds_.push_back(processor_ms() - start);
  matches_ += match(people(prediction), truth.people);
}

Evaluation DetectorEvaluation::result() const {
  return {.frames = static_cast<std::int64_t>(milliseconds_.size()),
          .matches = matches_,
          .processor_ms = median(milliseconds_)};
}

std::vector<FrameTruth> read_truth(const std::filesystem::path& file) {
  std::ifstream text(file);
  if (!text) fail("TRUTH, " + file.string() + ", cannot be read");
  std::vector<FrameTruth> truth = parse_truth(text, file.string());
  if (text.bad()) fail("TRUTH, " + file.string() + ", cannot be read to its end");
  if (truth.empty()) fail("TRUTH, " + file.string() + ", has no frame; a line is: FRAME X,Y,WIDTH,HEIGHT ...");
  return truth;
}

void for_each_frame(const std::string& video, const std::vector<FrameTruth>& truth, const std::stop_token& stop,
                    const std::function<void(const cv::Mat& pixels, const FrameTruth& truth)>& use) {
  conveyor::media::VideoSource source(video, {.stop = stop});
  conveyor::media::VideoFrame frame;
  for (const FrameTruth& wanted : truth) {
    while (!stop.stop_requested() && frame.number < wanted.frame && source.read(frame)) {
    }
    if (stop.stop_requested()) return;
    if (frame.number != wanted.frame) {
      fail("the video, " + conveyor::media::without_credentials(video) + ", has no frame " +
           std::to_string(wanted.frame) + " that can be decoded; is TRUTH that of another video?");
    }
    use(frame.pixels, wanted);
  }
}

std::string report(const std::string& detector, const Evaluation& evaluation) {
  const Matches& matches = evaluation.matches;
  const auto count = [](std::int64_t number) { return static_cast<long long>(number); };
  std::string text = "detector     " + detector + "\n";
  text += line("frames       %lld\n", count(evaluation.frames));
  text += line("people       %lld\n", count(matches.found + matches.missed));
  text += line("found        %lld\n", count(matches.found));
  text += line("wrong        %lld\n", count(matches.wrong));
  text += "precision    " + percent(matches.precision()) + "\n";
  text += "recall       " + percent(matches.recall()) + "\n";
  text += line("processor    %.1f ms a frame (the median)\n", evaluation.processor_ms);
  if (evaluation.processor_ms > 0) {
    text += line("speed        %.1f frames a second of one core\n", 1000 / evaluation.processor_ms);
  }
  return text;
}

bool run_evaluate(const EvaluateOptions& options, const std::stop_token& stop) {
  const std::vector<FrameTruth> truth = read_truth(options.truth);
  DetectorEvaluation evaluation(make_detector(options.detector));
  for_each_frame(options.video, truth, stop,
                 [&](const cv::Mat& pixels, const FrameTruth& frame) { evaluation.add(pixels, frame); });
  const Evaluation result = evaluation.result();
  std::fputs(report(options.detector, result).c_str(), stdout);
  return result.frames == static_cast<std::int64_t>(truth.size());
}

}  // namespace smart_camera
