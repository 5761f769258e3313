#ifndef CONVEYOR_SRC_VISION_IMAGE_CONNECTED_COMPONENTS_H_
#define CONVEYOR_SRC_VISION_IMAGE_CONNECTED_COMPONENTS_H_

#include <opencv2/core/mat.hpp>

namespace conveyor::vision {

/// Keeps the largest component of `mask`, in pixels, and fills its holes, in place; the result is 255 and 0.
///
/// Pixels of a component touch by side or corner. Of two components of the same size, the one whose first pixel comes
/// first, row by row, is kept. A hole is an area of zeros that does not reach the image's edge by sides. Temporary
/// memory belongs to the calling thread.
void keep_largest_component(cv::Mat& mask);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_CONNECTED_COMPONENTS_H_
