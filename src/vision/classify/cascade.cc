#include "conveyor/vision/cascade.h"

#include <fmt/format.h>

#include <opencv2/core/persistence.hpp>
#include <opencv2/imgproc.hpp>
#include <opencv2/objdetect.hpp>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "vision/image/detect_in_gray.h"
#include "vision/read_file.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

class Cascade final : public Classifier {
 public:
  /// @throws Error or cv::Exception when the text is no cascade
  Cascade(std::shared_ptr<const std::string> xml, CascadeOptions options) : options_(std::move(options)) {
    const cv::FileStorage file(*xml, cv::FileStorage::READ | cv::FileStorage::MEMORY);
    if (!file.isOpened() || !cascade_.read(file.getFirstTopLevelNode()) || cascade_.empty()) {
      throw Error(errc::invalid_config, "it is not a cascade");
    }
  }

  std::string_view name() const override { return options_.label; }
  InputSpec input() const override { return {.depth = CV_8U, .order = ChannelOrder::kBgr, .white = 255}; }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    detect_in_gray(images, outcomes, gray_,
                   "a cascade looks at gray or BGR images; put color(bgr) into the preprocess chain",
                   [this](const cv::Mat& gray, Outcome& outcome) { detect(gray, outcome); });
  }

 private:
  void detect(const cv::Mat& gray, Outcome& outcome) {
    found_.clear();
    windows_.clear();
    const cv::Size least(options_.min_size, options_.min_size), most(options_.max_size, options_.max_size);
    cascade_.detectMultiScale(gray, found_, windows_, options_.scale, options_.min_neighbors, 0, least, most);
    outcome.nothing_found();
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const cv::Rect& rect = found_[i];
      outcome.add_detection(options_.label, windows_[i],
                            {static_cast<float>(rect.x), static_cast<float>(rect.y), static_cast<float>(rect.width),
                             static_cast<float>(rect.height)},
                            0);
    }
  }

  CascadeOptions options_;
  cv::CascadeClassifier cascade_;
  cv::Mat gray_;
  std::vector<cv::Rect> found_;
  std::vector<int> windows_;
};

void check(const CascadeOptions& options) {
  const auto need = [](bool holds, const char* what) {
    if (!holds) throw Error(errc::invalid_config, what);
  };
  need(options.scale >= 1.005 && options.scale <= 2, "CascadeOptions::scale must be from 1.005 to 2");
  need(options.min_neighbors > 0, "CascadeOptions::min_neighbors must be above 0");
  need(options.min_size >= 0, "CascadeOptions::min_size must not be negative");
  need(options.max_size == 0 || options.max_size >= options.min_size, "CascadeOptions::max_size is below min_size");
}

}  // namespace

std::shared_ptr<const Model> cascade(const std::filesystem::path& file, const CascadeOptions& options) {
  const auto failed = [&](const std::string& why) {
    return Error(errc::invalid_config, fmt::format("cascade {} cannot be used: {}", file.string(), why));
  };
  try {
    check(options);
    const auto xml = std::make_shared<const std::string>(read_file(file, kMaxTextBytes));
    CascadeOptions named = options;
    if (named.label.empty()) named.label = file.stem().string();
    (void)Cascade(xml, named);
    return make_model({.name = file.stem().string(), .sha256 = sha256(*xml), .labels = {named.label}},
                      [xml, named] { return std::make_unique<Cascade>(xml, named); });
  } catch (const cv::Exception& error) {
    throw failed("OpenCV says: " + error.err);
  } catch (const Error& error) {
    throw failed(error.what());
  }
}

}  // namespace conveyor::vision
