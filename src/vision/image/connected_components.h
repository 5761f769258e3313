#ifndef CONVEYOR_SRC_VISION_IMAGE_CONNECTED_COMPONENTS_H_
#define CONVEYOR_SRC_VISION_IMAGE_CONNECTED_COMPONENTS_H_

#include <opencv2/core/mat.hpp>

namespace conveyor::vision {

/// Of what is not 0 in `mask`, keeps the component of the most pixels, and fills its holes; 255 and 0, in place.
///
/// Pixels of a component touch by side or corner. Of two of the same size the one whose first pixel, row by row, comes
/// first is kept. A hole is what cannot reach the image's edge by sides. Temporary memory belongs to the calling
/// thread.
void keep_largest_component(cv::Mat& mask);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_CONNECTED_COMPONENTS_H_
