#include "cli/output/network_input_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <opencv2/core.hpp>
#include <utility>

#include "base/printable.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kLongestName = 100;

bool is_tensor(const vision::NetworkInput& input) { return input.tensor.dims == 4; }

std::string type_name(int depth) {
  constexpr std::array kNames = {"uint8", "int8", "uint16", "int16", "int32", "float", "double", "float16"};
  return kNames.at(static_cast<std::size_t>(depth));
}

std::string shape_of(const vision::NetworkInput& input) {
  const cv::Mat& tensor = input.tensor;
  if (!is_tensor(input)) return fmt::format("{} x {} x {} (H, W, C)", tensor.rows, tensor.cols, tensor.channels());
  std::string others;
  if (input.batch > 1) others = fmt::format("; this image and {} of zeros", input.batch - 1);
  return fmt::format("{} x {} x {} x {} ({}{})", input.batch, tensor.size[1], tensor.size[2], tensor.size[3],
                     input.channels_last ? "N, H, W, C" : "N, C, H, W", others);
}

}  // namespace

std::vector<cv::Mat> channels_of(const vision::NetworkInput& input) {
  const bool wide = input.tensor.depth() == CV_64F || input.tensor.depth() == CV_32S;
  cv::Mat values;  // OpenCV splits no half precision
  input.tensor.convertTo(values, wide ? CV_64F : CV_32F);
  std::vector<cv::Mat> channels;
  if (!is_tensor(input)) {
    cv::split(values, channels);
  } else if (input.channels_last) {
    cv::split(cv::Mat(values.size[1], values.size[2], CV_MAKETYPE(values.depth(), values.size[3]), values.data),
              channels);
  } else {
    for (int c = 0; c < values.size[1]; ++c) {
      channels.push_back(cv::Mat(values.size[2], values.size[3], values.depth(), values.ptr(0, c)).clone());
    }
  }
  return channels;
}

std::vector<std::string> channel_names(const vision::NetworkInput& input) {
  const int channels = !is_tensor(input) ? input.tensor.channels() : input.tensor.size[input.channels_last ? 3 : 1];
  if (channels == 1) return {"gray"};
  std::vector<std::string> names = {"B", "G", "R", "A"};
  if (input.order == vision::ChannelOrder::kRgb) std::swap(names[0], names[2]);
  for (int c = 4; c < channels; ++c) names.push_back(std::to_string(c));
  names.resize(static_cast<std::size_t>(channels));
  return names;
}

ChannelStatistics statistics_of(const cv::Mat& channel) {
  cv::Mat values;
  channel.convertTo(values, CV_64F);
  ChannelStatistics found{.min = std::numeric_limits<double>::infinity(),
                          .max = -std::numeric_limits<double>::infinity()};
  std::size_t count = 0;
  double sum = 0;
  for (const double value : cv::Mat_<double>(values)) {
    if (!std::isfinite(value)) {
      ++found.not_finite;
      continue;
    }
    found.min = std::min(found.min, value);
    found.max = std::max(found.max, value);
    sum += value;
    ++count;
  }
  if (count == 0) return {.not_finite = found.not_finite};
  found.mean = sum / static_cast<double>(count);
  return found;
}

std::string text_of(const vision::NetworkInput& input, bool named) {
  const std::vector<std::string> names = channel_names(input);
  std::string text = fmt::format("  {:<10} {}{}, {}, {}\n", is_tensor(input) ? "network" : "pixels",
                                 named ? printable(input.name, kLongestName) + ": " : "", shape_of(input),
                                 fmt::join(names, ", "), type_name(input.tensor.depth()));
  const std::vector<cv::Mat> channels = channels_of(input);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const auto [min, mean, max, not_finite] = statistics_of(channels[c]);
    const bool is_rounding = std::abs(mean) < 1e-6 * (max - min);  // what is left of a mean of 0 in single precision
    text += fmt::format("    {:<8} min {:.4g}, mean {:.4g}, max {:.4g}", names[c], min, is_rounding ? 0 : mean, max);
    if (not_finite != 0) text += fmt::format(", {} not finite", not_finite);
    text += '\n';
  }
  return text;
}

}  // namespace conveyor::cli
