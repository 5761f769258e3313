#ifndef CONVEYOR_VISION_HOG_H_
#define CONVEYOR_VISION_HOG_H_

#include <memory>

#include "conveyor/export.h"

namespace conveyor::vision {

class Model;

struct HogOptions {
  /// Steps of the 64 x 128 pixel window over the image, pixels; a multiple of 8. Twice as far is four times as fast.
  int stride = 8;
  int padding = 8;         ///< pixels added around the image, so that people at its edge are found; a multiple of 8
  double scale = 1.05;     ///< from one size of the image to the next, above 1; nearer to 1 finds more, and is slower
  double min_score = 0.5;  ///< detections below are left out; see hog_people()
  /// Of two boxes of which the smaller lies in the larger by more than this part of its area, the surer one stays.
  double max_overlap = 0.6;
};

/// Finds people who stand or walk: histograms of oriented gradients and a linear support vector machine (Dalal and
/// Triggs, CVPR 2005), as OpenCV trained it.
///
/// People must be about 100 pixels high or more: for smaller ones let the preprocess chain enlarge the image,
/// "resize(1152,864)" for one of 768 x 576. The time grows with the number of pixels.
///
/// Detections are labelled "person", one a person; their score is the distance from the machine's decision plane: above
/// 0, rarely above 5, and no probability. Takes gray or BGR images of 8 bit, of any size.
///
/// @throws Error with errc::invalid_config for options out of range
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const Model> hog_people(const HogOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_HOG_H_
