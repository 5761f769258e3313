#ifndef CONVEYOR_SRC_CLI_OUTPUT_SEEN_PICTURE_H_
#define CONVEYOR_SRC_CLI_OUTPUT_SEEN_PICTURE_H_

#include <opencv2/core/mat.hpp>
#include <string>

#include "conveyor/vision/network_input.h"
#include "conveyor/vision/outcome.h"

// The picture as a network saw it, for people to look at.

namespace conveyor::cli {

struct SeenPicture {
  cv::Mat pixels = {};  ///< CV_8UC3, B, G, R
  /// The values that became black and white, where pixels were not brightness any more (normalised, physical, of
  /// unknown range) and their least and greatest had to do; otherwise their own black and white.
  double black = 0, white = 255;
  bool stretched = false;
};

/// Undoes the network's arithmetic (scale, mean, deviation) and its order of channels.
[[nodiscard]] SeenPicture seen_picture(const vision::NetworkInput& input);

struct DrawnPicture {
  cv::Mat pixels = {};  ///< CV_8UC3, B, G, R
  int enlarged = 1;     ///< each pixel became this many in both directions, so that texts fit in
};

/// Draws boxes with label and score, and below the picture a line for each label.
/// @param outcome a prediction, whose boxes are in pixels of the picture; an outcome of another kind draws nothing
[[nodiscard]] DrawnPicture drawn_on(const cv::Mat& picture, const vision::Outcome& outcome);

/// What OpenCV's fonts can write: every character beyond ASCII becomes a question mark, and long texts are cut.
[[nodiscard]] std::string drawable(const std::string& text);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_SEEN_PICTURE_H_
