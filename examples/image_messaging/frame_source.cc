#include "frame_source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <opencv2/imgcodecs.hpp>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/media/video.h"

namespace image_messaging {
namespace {

using conveyor::media::VideoSource;

class Video final : public FrameSource {
 public:
  explicit Video(SourceOptions options) : options_(std::move(options)), video_(open()) {}

  bool read(cv::Mat& pixels) override {
    for (bool began_again = false; !options_.stop.stop_requested(); began_again = true) {
      if (video_.read(frame_)) {
        pixels = frame_.pixels;
        return true;
      }
      unreadable_ += video_.undecoded_frames() + video_.missing_frames();
      ended_ = true;
      if (!options_.loop || began_again) return false;
      reconnects_ += video_.reconnects();
      video_ = open();
      ended_ = false;
    }
    return false;
  }
  [[nodiscard]] double fps() const override { return video_.fps(); }
  [[nodiscard]] bool live() const override { return video_.is_live(); }
  [[nodiscard]] std::int64_t unreadable() const override {
    return unreadable_ + (ended_ ? 0 : video_.undecoded_frames());
  }
  [[nodiscard]] std::int64_t reconnects() const override { return reconnects_ + video_.reconnects(); }

 private:
  [[nodiscard]] VideoSource open() const { return VideoSource(options_.source, {.stop = options_.stop}); }

  SourceOptions options_;
  VideoSource video_;
  conveyor::media::VideoFrame frame_;
  std::int64_t unreadable_ = 0;
  std::int64_t reconnects_ = 0;
  bool ended_ = false;
};

bool is_picture(const std::filesystem::path& file) {
  static constexpr std::array kExtensions{".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"};
  std::string extension = file.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kExtensions.begin(), kExtensions.end(), extension) != kExtensions.end();
}

class Pictures final : public FrameSource {
 public:
  explicit Pictures(SourceOptions options) : options_(std::move(options)) {
    for (const auto& entry : std::filesystem::directory_iterator(options_.source)) {
      if (entry.is_regular_file() && is_picture(entry.path())) files_.push_back(entry.path());
    }
    std::sort(files_.begin(), files_.end());
    left_ = files_.size();
    if (!show_next()) {
      throw conveyor::Error(conveyor::errc::invalid_config,
                            "the folder \"" + options_.source + "\" has no pictures that can be read");
    }
  }

  bool read(cv::Mat& pixels) override {
    if (options_.stop.stop_requested()) return false;
    if (shown_ == options_.hold && !show_next()) return false;
    ++shown_;
    pixels = picture_;
    return true;
  }
  [[nodiscard]] double fps() const override { return 25; }
  [[nodiscard]] bool live() const override { return false; }
  [[nodiscard]] std::int64_t unreadable() const override { return unreadable_; }
  [[nodiscard]] std::int64_t reconnects() const override { return 0; }

 private:
  /// @return false when there is none
  bool show_next() {
    // Each file once, so that a folder whose pictures all became unreadable is not read for ever.
    for (std::size_t tried = 0; tried < files_.size(); ++tried) {
      if (left_ == 0) {
        if (!options_.loop) return false;
        left_ = files_.size();
      }
      picture_ = cv::imread(files_[files_.size() - left_--].string(), cv::IMREAD_COLOR);
      shown_ = 0;
      if (!picture_.empty()) return true;
      ++unreadable_;
    }
    return false;
  }

  SourceOptions options_;
  std::vector<std::filesystem::path> files_;
  std::size_t left_ = 0;  // of this round
  cv::Mat picture_;
  int shown_ = 0;
  std::int64_t unreadable_ = 0;
};

}  // namespace

std::unique_ptr<FrameSource> open_source(const SourceOptions& options) {
  std::error_code error;
  if (std::filesystem::is_directory(options.source, error)) return std::make_unique<Pictures>(options);
  return std::make_unique<Video>(options);
}

}  // namespace image_messaging
