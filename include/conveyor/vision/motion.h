#ifndef CONVEYOR_VISION_MOTION_H_
#define CONVEYOR_VISION_MOTION_H_

#include <memory>

#include "conveyor/export.h"

namespace conveyor::vision {

class Model;

struct MotionOptions {
  double learning_rate = 0.02;  ///< what each image adds to the background, above 0, up to 1; 0.02: about 50 images
  double threshold = 25;        ///< gray levels, of 255, that a pixel must differ from the background; above 0
  double min_area = 0.001;      ///< of the image, that what moves must cover; 0 to 1
  /// Of the image: when more of it differs, the light or the scene changed. The background then starts anew, and
  /// nothing is found.
  double max_area = 0.5;
};

/// Finds what moves before a camera that stands still: what differs from the running mean of the images before.
///
/// A classifier remembers. Each worker thread has its own, and sees the images of all partitions that it handles, so
/// that a camera needs a worker thread to itself: one key for each camera, and as many partitions and threads as
/// cameras, or a worker with one thread for each. An image of another size starts anew, as does a restart; records that
/// come again, after a crash or as retries, are seen again.
///
/// Detections are labelled "motion"; the score is the part of the box that moved, 0 to 1. Takes gray or BGR images of 8
/// bit. Let the preprocess chain make large ones smaller.
///
/// @throws Error with errc::invalid_config for options out of range
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> motion(const MotionOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_MOTION_H_
