#ifndef SMART_CAMERA_EVALUATE_H_
#define SMART_CAMERA_EVALUATE_H_

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <stop_token>
#include <string>
#include <vector>

#include "conveyor/vision/predictor.h"
#include "truth.h"

namespace smart_camera {

struct EvaluateOptions {
  std::string video = {};
  std::filesystem::path truth = {};  ///< parse_truth()
  std::string detector = "ssdlite";  ///< make_detector()
};

/// How well a detector did, and how fast.
struct Evaluation {
  std::int64_t frames = 0;
  Matches matches = {};
  double processor_ms = 0;  ///< of one frame, the median; 0 without frames
};

/// Shows frames to a detector, and compares what it finds with the people who are there.
///
/// Thread safety: one thread at a time.
class DetectorEvaluation {
 public:
  /// @throws Error with errc::invalid_config when the detector fails its warm-up
  explicit DetectorEvaluation(std::shared_ptr<const conveyor::vision::Model> detector);

  /// Detections of another label than "person" do not count.
  /// @param pixels BGR
  /// @throws Error when the detector fails
  void add(const cv::Mat& pixels, const FrameTruth& truth);
  [[nodiscard]] Evaluation result() const;

 private:
  conveyor::vision::Predictor predict_;
  Matches matches_;
  std::vector<double> milliseconds_;
};

/// @throws Error with errc::invalid_config when the file cannot be read, is malformed, or has no frame
[[nodiscard]] std::vector<FrameTruth> read_truth(const std::filesystem::path& file);

/// Calls a function with the frames of a video that there is a truth for.
/// @throws Error with errc::invalid_config when the video has no such frame
void for_each_frame(const std::string& video, const std::vector<FrameTruth>& truth, const std::stop_token& stop,
                    const std::function<void(const cv::Mat& pixels, const FrameTruth& truth)>& use);

/// What people read: a line for each figure.
[[nodiscard]] std::string report(const std::string& detector, const Evaluation& evaluation);

/// Prints how one detector does on a video.
/// @return false when it was stopped before the last frame
/// @throws Error
bool run_evaluate(const EvaluateOptions& options, const std::stop_token& stop);

}  // namespace smart_camera

#endif  // SMART_CAMERA_EVALUATE_H_
