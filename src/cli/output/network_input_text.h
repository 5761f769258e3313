#ifndef CONVEYOR_SRC_CLI_OUTPUT_NETWORK_INPUT_TEXT_H_
#define CONVEYOR_SRC_CLI_OUTPUT_NETWORK_INPUT_TEXT_H_

#include <cstddef>
#include <opencv2/core/mat.hpp>
#include <string>
#include <vector>

#include "conveyor/vision/network_input.h"

namespace conveyor::cli {

/// The channels of what a network is fed with, in its order: H x W of CV_32F each, or of CV_64F where they are wider.
[[nodiscard]] std::vector<cv::Mat> channels_of(const vision::NetworkInput& input);

/// "R", "G", "B", "A" or "gray", one for each channel.
[[nodiscard]] std::vector<std::string> channel_names(const vision::NetworkInput& input);

struct ChannelStatistics {
  double min = 0, mean = 0, max = 0;  ///< of the finite values; 0 where there are none
  std::size_t not_finite = 0;         ///< values that are infinite or no number
};
/// @param channel of channels_of()
[[nodiscard]] ChannelStatistics statistics_of(const cv::Mat& channel);

/// Lines for people: shape, layout, order and type, and then each channel's least, mean and greatest value.
/// @param named says whose input it is, too
[[nodiscard]] std::string text_of(const vision::NetworkInput& input, bool named);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_NETWORK_INPUT_TEXT_H_
