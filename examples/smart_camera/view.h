#ifndef SMART_CAMERA_VIEW_H_
#define SMART_CAMERA_VIEW_H_

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <opencv2/videoio.hpp>
#include <string>
#include <vector>

#include "decisions.h"
#include "subscriber.h"

namespace smart_camera {

/// The frames of one camera as pictures: all of them as a video, annotated.avi, and some as a contact sheet, sheet.png.
class Recording {
 public:
  /// @param frames_a_second of the video
  Recording(const std::filesystem::path& folder, double frames_a_second);

  /// @throws std::runtime_error when the video cannot be written; DecodeError
  void add(const conveyor::v1::ProcessedImage& processed);
  void finish();
  [[nodiscard]] std::string summary() const;

 private:
  static constexpr int kColumns = 4;
  static constexpr int kRows = 3;

  [[nodiscard]] std::vector<cv::Mat> shown() const;

  std::filesystem::path video_file_;
  std::filesystem::path sheet_file_;
  double frames_a_second_;
  cv::Size size_;
  cv::VideoWriter video_;
  EvenSample<cv::Mat> tiles_{2 * kColumns * kRows};  // of which it has at least half after a while
  std::int64_t frames_ = 0;
};

/// Records every camera, into a folder of its own.
class View final : public Subscriber {
 public:
  View(std::filesystem::path folder, double frames_a_second);

  void on_frame(const std::string& camera, const conveyor::v1::ProcessedImage& processed) override;
  void finish() override;
  [[nodiscard]] std::string summary() const override;

 private:
  std::filesystem::path folder_;
  double frames_a_second_;
  std::map<std::string, Recording> cameras_;
  std::int64_t left_out_ = 0;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_VIEW_H_
