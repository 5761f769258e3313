#ifndef SMART_CAMERA_VIEW_H_
#define SMART_CAMERA_VIEW_H_

#include <cstdint>
#include <filesystem>
#include <opencv2/core/mat.hpp>
#include <opencv2/videoio.hpp>
#include <vector>

#include "decisions.h"
#include "subscriber.h"

namespace smart_camera {

/// Makes the frames visible: all of them as a video, annotated.avi, and some of them as a contact sheet, sheet.png.
class View final : public Subscriber {
 public:
  /// @param frames_a_second of the video
  View(const std::filesystem::path& folder, double frames_a_second);

  void on_frame(const conveyor::v1::ProcessedImage& processed) override;
  void finish() override;
  [[nodiscard]] std::string summary() const override;

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

}  // namespace smart_camera

#endif  // SMART_CAMERA_VIEW_H_
