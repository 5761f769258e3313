#include "conveyor/vision/hog.h"

#include <algorithm>
#include <numeric>
#include <opencv2/core/version.hpp>
#include <opencv2/objdetect.hpp>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"

namespace conveyor::vision {
namespace {

class HogPeople final : public Classifier {
 public:
  explicit HogPeople(const HogOptions& options) : options_(options) {
    hog_.setSVMDetector(cv::HOGDescriptor::getDefaultPeopleDetector());
  }

  std::string_view name() const override { return "hog_people"; }
  InputSpec input() const override { return {.depth = CV_8U, .order = ChannelOrder::kBgr, .white = 255}; }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) {
      if (images[i].channels() == 1 || images[i].channels() == 3) {
        detect(images[i], outcomes[i]);
      } else {
        outcomes[i].bad_input("people are found in gray or BGR images; put color(bgr) into the preprocess chain");
      }
    }
  }

 private:
  void detect(const cv::Mat& image, Outcome& outcome) {
    constexpr double kGroupsOfTwo = 2;  // a single hit, at one place and size, is mostly noise
    const cv::Size stride(options_.stride, options_.stride), padding(options_.padding, options_.padding);
    outcome.nothing_found();
    // OpenCV fails on images smaller than its window.
    if (image.cols < hog_.winSize.width || image.rows < hog_.winSize.height) return;
    found_.clear();
    margins_.clear();
    hog_.detectMultiScale(image, found_, margins_, 0, stride, padding, options_.scale, kGroupsOfTwo);

    std::vector<std::size_t> order(found_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return margins_[a] > margins_[b]; });
    std::vector<cv::Rect> kept;
    for (const std::size_t i : order) {
      const cv::Rect& rect = found_[i];
      const bool again = std::any_of(kept.begin(), kept.end(), [&](const cv::Rect& other) {
        return (rect & other).area() > options_.max_overlap * std::min(rect.area(), other.area());
      });
      if (again || margins_[i] < options_.min_score) continue;
      kept.push_back(rect);
      outcome.add_detection("person", margins_[i], shrink(rect), 0);
    }
  }

  /// The window leaves room around a person; the factors are those of OpenCV's samples/cpp/peopledetect.cpp.
  static Box shrink(const cv::Rect& rect) {
    const auto width = static_cast<float>(rect.width), height = static_cast<float>(rect.height);
    return {static_cast<float>(rect.x) + 0.1F * width, static_cast<float>(rect.y) + 0.07F * height, 0.8F * width,
            0.8F * height};
  }

  HogOptions options_;
  cv::HOGDescriptor hog_;
  std::vector<cv::Rect> found_;
  std::vector<double> margins_;
};

}  // namespace

std::shared_ptr<const Model> hog_people(const HogOptions& options) {
  const auto need = [](bool holds, const char* what) {
    if (!holds) throw Error(errc::invalid_config, what);
  };
  need(options.stride > 0 && options.stride % 8 == 0 && options.stride <= 64,
       "HogOptions::stride must be a multiple of 8, up to 64");
  need(options.padding >= 0 && options.padding % 8 == 0 && options.padding <= 64,
       "HogOptions::padding must be a multiple of 8, up to 64");
  need(options.scale >= 1.005 && options.scale <= 2, "HogOptions::scale must be from 1.005 to 2");
  need(options.min_score >= 0, "HogOptions::min_score must not be negative");
  need(options.max_overlap > 0 && options.max_overlap <= 1, "HogOptions::max_overlap must be above 0, up to 1");
  return make_model({.name = "hog_people", .version = "opencv-" CV_VERSION, .labels = {"person"}},
                    [options] { return std::make_unique<HogPeople>(options); });
}

}  // namespace conveyor::vision
