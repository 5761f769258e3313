#ifndef SMART_CAMERA_DRAWING_H_
#define SMART_CAMERA_DRAWING_H_

#include <opencv2/core/mat.hpp>
#include <span>

#include "conveyor/v1/processed_image.pb.h"

namespace smart_camera {

/// The frame with a box, a label and a score around each thing that was found, and a line that says which frame it is.
/// @return height x width, CV_8UC3, BGR; the caller's own. @throws DecodeError
[[nodiscard]] cv::Mat annotated(const conveyor::v1::ProcessedImage& processed);

/// Pictures of one size side by side, `columns` in a row.
[[nodiscard]] cv::Mat contact_sheet(std::span<const cv::Mat> pictures, int columns);

}  // namespace smart_camera

#endif  // SMART_CAMERA_DRAWING_H_
