#include "vision/image/input_conversion.h"

#include <fmt/format.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <utility>

#include "vision/image/image_shape.h"
#include "vision/image/white_level.h"

namespace conveyor::vision {
namespace {

using Kind = PixelRange::Kind;

/// Whether the range is levels that can be scaled to another white.
bool is_scalable(const PixelRange& range) {
  return range.kind == Kind::kLevels && std::isfinite(range.black) && std::isfinite(range.white) &&
         range.white > range.black;
}

/// The preprocess step that makes what is asked for, where one does.
std::string cure_of_shape(const InputSpec& input, const cv::Mat& pixels) {
  const auto put = [](const char* step) { return fmt::format("; put {} at the end of the preprocess chain", step); };
  if (input.channels == 1 && pixels.channels() != 1) return put("color(gray)");
  if (input.channels == 3 && pixels.channels() != 3) {
    return put(input.order == ChannelOrder::kRgb ? "color(rgb)" : "color(bgr)");
  }
  if (input.depth == CV_8U && pixels.depth() != CV_8U) return put("depth(8)");
  return {};
}

template <class T>
void swap_red_and_blue(cv::Mat& pixels) {
  const auto channels = static_cast<std::size_t>(pixels.channels());
  for (int y = 0; y < pixels.rows; ++y) {
    T* pixel = pixels.ptr<T>(y);
    T* const end = pixel + static_cast<std::size_t>(pixels.cols) * channels;
    for (; pixel != end; pixel += channels) std::swap(pixel[0], pixel[2]);
  }
}

void turn_colors(cv::Mat& pixels) {
  switch (pixels.elemSize1()) {
    case 1:
      return swap_red_and_blue<std::uint8_t>(pixels);
    case 2:
      return swap_red_and_blue<std::uint16_t>(pixels);
    case 4:
      return swap_red_and_blue<std::uint32_t>(pixels);
    default:
      return swap_red_and_blue<std::uint64_t>(pixels);
  }
}

const char* order_text(bool rgb) { return rgb ? "R, G, B" : "B, G, R"; }

}  // namespace

std::string describe(const InputSpec& input) {
  const auto side = [](int pixels) { return pixels == 0 ? "any" : std::to_string(pixels); };
  std::string text = fmt::format("{} x {}, {} channels, {}", side(input.width), side(input.height),
                                 side(input.channels), input.depth < 0 ? "any depth" : depth_name(input.depth));
  if (input.order != ChannelOrder::kAny && input.channels != 1) {
    text += input.order == ChannelOrder::kRgb ? ", RGB" : ", BGR";
  }
  if (input.white != 0) text += fmt::format(", 0 to {:.6g}", input.white);
  return text;
}

bool is_shape(const InputSpec& input, const cv::Mat& pixels) {
  return !pixels.empty() && pixels.dims == 2 && (input.width == 0 || pixels.cols == input.width) &&
         (input.height == 0 || pixels.rows == input.height) &&
         (input.channels == 0 || pixels.channels() == input.channels) &&
         (input.depth < 0 || pixels.depth() == input.depth || (input.white != 0 && input.depth == CV_32F));
}

std::string mismatch(const InputSpec& input, const Sample& sample) {
  const cv::Mat& pixels = sample.pixels;
  if (!is_shape(input, pixels)) {
    return fmt::format("takes images of {}; this one is {}{}", describe(input), describe(pixels),
                       pixels.empty() ? "" : cure_of_shape(input, pixels));
  }
  const PixelRange range = range_of(sample);
  if (input.white == 0 || is_scalable(range) || is_brightness_to(range, input.white)) return {};
  return fmt::format(
      "takes brightness from 0, black, to {:.6g}, white; {} left {}: leave that out, or say with levels(WHITE) "
      "behind it which value is white",
      input.white, source_of_range(sample), describe(range));
}

InputConversion conversion_for(const InputSpec& input, const Sample& sample) {
  InputConversion conversion;
  if (sample.pixels.channels() >= 3 && input.order != ChannelOrder::kAny) {
    conversion.turns = sample.rgb != (input.order == ChannelOrder::kRgb);
  }
  if (input.white == 0) return conversion;
  const PixelRange range = range_of(sample);
  if (range.kind == Kind::kLevels) {
    conversion.factor = input.white / (range.white - range.black);
    conversion.offset = -range.black * conversion.factor;
  }
  const bool scales = conversion.factor != 1 || conversion.offset != 0;
  const int depth = input.depth >= 0 ? input.depth : scales ? CV_32F : sample.pixels.depth();
  if (scales || depth != sample.pixels.depth()) conversion.depth = depth;
  return conversion;
}

std::string describe(const InputConversion& conversion, const InputSpec& input, const Sample& sample) {
  std::string text;
  if (conversion.depth >= 0) {
    text = fmt::format("{}, {}, becomes {}, 0 to {:.6g}", depth_name(sample.pixels.depth()), describe(range_of(sample)),
                       depth_name(conversion.depth), input.white);
  }
  if (conversion.turns) {
    text += fmt::format("{}{} becomes {}", text.empty() ? "" : "; ", order_text(sample.rgb), order_text(!sample.rgb));
  }
  return text.empty() ? "nothing" : text;
}

cv::Mat convert(const InputConversion& conversion, const cv::Mat& pixels, cv::Mat& buffer) {
  if (conversion.nothing()) return pixels;
  if (conversion.depth >= 0) {
    pixels.convertTo(buffer, conversion.depth, conversion.factor, conversion.offset);
  } else {
    pixels.copyTo(buffer);
  }
  if (conversion.turns) turn_colors(buffer);
  return buffer;
}

}  // namespace conveyor::vision
