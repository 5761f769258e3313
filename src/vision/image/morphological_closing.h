#ifndef CONVEYOR_SRC_VISION_IMAGE_MORPHOLOGICAL_CLOSING_H_
#define CONVEYOR_SRC_VISION_IMAGE_MORPHOLOGICAL_CLOSING_H_

#include <opencv2/core/mat.hpp>

namespace conveyor::vision {

/// Morphological closing of `mask`, in place, with a square of 2 * radius + 1 pixels. Beyond the image there is
/// nothing, as for scipy.ndimage.binary_closing of a padded image. Temporary memory belongs to the calling thread.
///
/// @param mask CV_8UC1 of 255 and 0
void close(cv::Mat& mask, int radius);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_MORPHOLOGICAL_CLOSING_H_
