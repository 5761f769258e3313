#include "conveyor/vision/motion.h"

#include <opencv2/core/version.hpp>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "vision/image/detect_in_gray.h"

namespace conveyor::vision {
namespace {

class Motion final : public Classifier {
 public:
  explicit Motion(const MotionOptions& options) : options_(options) {}

  std::string_view name() const override { return "motion"; }
  InputSpec input() const override { return {.depth = CV_8U, .order = ChannelOrder::kBgr, .white = 255}; }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    detect_in_gray(images, outcomes, gray_,
                   "motion is found in gray or BGR images; put color(bgr) into the preprocess chain",
                   [this](const cv::Mat& gray, Outcome& outcome) { detect(gray, outcome); });
  }

 private:
  void detect(const cv::Mat& gray, Outcome& outcome) {
    outcome.nothing_found();
    if (!std::exchange(warmed_up_, true)) return;
    if (background_.size() != gray.size()) return start_anew(gray);
    background_.convertTo(known_, CV_8U);
    cv::absdiff(gray, known_, difference_);
    cv::threshold(difference_, moved_, options_.threshold, 255, cv::THRESH_BINARY);
    const double pixels = static_cast<double>(gray.total());
    if (cv::countNonZero(moved_) > options_.max_area * pixels) return start_anew(gray);
    cv::accumulateWeighted(gray, background_, options_.learning_rate);

    // Single pixels are noise; parts of one thing that lie near each other are joined.
    static const cv::Mat kSmall = cv::getStructuringElement(cv::MORPH_RECT, {3, 3});
    static const cv::Mat kLarge = cv::getStructuringElement(cv::MORPH_RECT, {9, 9});
    cv::morphologyEx(moved_, moved_, cv::MORPH_OPEN, kSmall);
    cv::morphologyEx(moved_, moved_, cv::MORPH_CLOSE, kLarge);
    const int parts = cv::connectedComponentsWithStats(moved_, labels_, statistics_, centres_);
    for (int part = 1; part < parts; ++part) {  // component 0 is the background
      const auto of = [&](int what) { return statistics_.at<int>(part, what); };
      const int area = of(cv::CC_STAT_AREA), width = of(cv::CC_STAT_WIDTH), height = of(cv::CC_STAT_HEIGHT);
      if (area < options_.min_area * pixels) continue;
      outcome.add_detection("motion", static_cast<double>(area) / width / height,
                            {static_cast<float>(of(cv::CC_STAT_LEFT)), static_cast<float>(of(cv::CC_STAT_TOP)),
                             static_cast<float>(width), static_cast<float>(height)},
                            0);
    }
  }

  void start_anew(const cv::Mat& gray) { gray.convertTo(background_, CV_32F); }

  MotionOptions options_;
  bool warmed_up_ = false;  // the first image is the noise of the Session's warm-up, which is not learned
  cv::Mat background_;      // CV_32F
  cv::Mat gray_, known_, difference_, moved_, labels_, statistics_, centres_;
};

}  // namespace

std::shared_ptr<const Model> motion(const MotionOptions& options) {
  const auto need = [](bool holds, const char* what) {
    if (!holds) throw Error(errc::invalid_config, what);
  };
  need(options.learning_rate > 0 && options.learning_rate <= 1,
       "MotionOptions::learning_rate must be above 0, up to 1");
  need(options.threshold > 0 && options.threshold < 255, "MotionOptions::threshold must be above 0 and below 255");
  need(options.min_area >= 0 && options.min_area <= 1, "MotionOptions::min_area must be from 0 to 1");
  need(options.max_area > 0 && options.max_area <= 1, "MotionOptions::max_area must be above 0, up to 1");
  return make_model({.name = "motion", .version = "opencv-" CV_VERSION, .labels = {"motion"}},
                    [options] { return std::make_unique<Motion>(options); });
}

}  // namespace conveyor::vision
