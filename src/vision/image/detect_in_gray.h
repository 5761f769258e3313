#ifndef CONVEYOR_SRC_VISION_IMAGE_DETECT_IN_GRAY_H_
#define CONVEYOR_SRC_VISION_IMAGE_DETECT_IN_GRAY_H_

#include <opencv2/imgproc.hpp>
#include <span>

#include "conveyor/vision/outcome.h"

namespace conveyor::vision {

/// Calls detect(gray, outcome) for each image that is gray or BGR; others are bad input.
///
/// @param buffer for BGR images turned gray; its memory is reused from call to call
/// @param refusal why other images are bad input
template <class Detect>
void detect_in_gray(std::span<const cv::Mat> images, std::span<Outcome> outcomes, cv::Mat& buffer, const char* refusal,
                    Detect detect) {
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (images[i].channels() == 1) {
      detect(images[i], outcomes[i]);
    } else if (images[i].channels() == 3) {
      cv::cvtColor(images[i], buffer, cv::COLOR_BGR2GRAY);
      detect(buffer, outcomes[i]);
    } else {
      outcomes[i].bad_input(refusal);
    }
  }
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_DETECT_IN_GRAY_H_
