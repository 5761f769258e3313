#ifndef CONVEYOR_VISION_NETWORK_INPUT_H_
#define CONVEYOR_VISION_NETWORK_INPUT_H_

#include <array>
#include <opencv2/core/mat.hpp>
#include <string>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/pixel_range.h"

namespace conveyor::vision {

/// What a network is fed with for one image, for people who look for the reason of strange answers.
///
///     for (const vision::NetworkInput& input : session.network_inputs(sample)) show(input.tensor, input.order);
///
/// `conveyor classifier check FILE --image PICTURE` prints it, and `--show` makes a picture of it.
///
/// Thread safety: as a standard container.
struct NetworkInput {
  std::string name = {};  ///< the model's, or that of an ensemble's member
  /// A copy of the numbers: 1 x C x H x W, or 1 x H x W x C where the channels are last, of CV_32F, CV_16F or CV_8U.
  /// Of a classifier without a network it is the image that it gets: 2 dimensions, 1, 3 or 4 channels, any depth.
  cv::Mat tensor = {};
  bool channels_last = false;
  int batch = 1;                            ///< how many images the network gets at once; the tensor has this one alone
  ChannelOrder order = ChannelOrder::kAny;  ///< kBgr or kRgb; kAny: gray

  /// The numbers are pixel * factor[c] + offset[c], c being the channel of the tensor.
  std::array<double, 3> factor = {1, 1, 1};
  std::array<double, 3> offset = {0, 0, 0};
  PixelRange range = {};  ///< what those pixels stand for; set by the Session
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_NETWORK_INPUT_H_
