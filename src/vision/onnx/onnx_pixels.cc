#include "vision/onnx/onnx_pixels.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "conveyor/error.h"
#include "vision/image/image_shape.h"
#include "vision/image/white_level.h"

namespace conveyor::vision {
namespace {

using Kind = PixelRange::Kind;

/// The white that mean and deviation are made for where the scale is 1.
double white_of_mean(const OnnxOptions& options) {
  double largest = 0;
  for (std::size_t c = 0; c < 3; ++c) {
    largest = std::max({largest, std::abs(options.mean[c]), std::abs(options.deviation[c])});
  }
  return largest <= 1 ? 1 : 255;
}

bool normalizes(const OnnxOptions& options) {
  return options.mean != decltype(options.mean){0, 0, 0} || options.deviation != decltype(options.deviation){1, 1, 1};
}

std::string numbers(const std::array<double, 3>& values, int channels) {
  if (channels == 1) return fmt::format("{:.6g}", values[0]);
  return fmt::format("({:.6g}, {:.6g}, {:.6g})", values[0], values[1], values[2]);
}

}  // namespace

OnnxPixels::OnnxPixels(const OnnxOptions& options, int channels)
    : options_(options),
      channels_(channels),
      normalizes_(normalizes(options)),
      white_(options.white != 0 ? options.white : white_of_factor(options.scale)) {}

void OnnxPixels::check(const OnnxOptions& options) {
  constexpr double kBeyondAnyMean = 3;  // of pixels that go up to 1 or 2
  const double mean = *std::max_element(options.mean.begin(), options.mean.end());
  if (white_of_factor(options.scale) == 0 || mean <= kBeyondAnyMean) return;
  throw Error(
      errc::invalid_config,
      fmt::format("its scale, {:.6g}, is taken first, and its mean of {:.6g} is then far above any pixel: say scale=1 "
                  "if mean and deviation are for pixels of 0 to 255",
                  options.scale, mean));
}

std::string OnnxPixels::refusal(const Sample& sample) const {
  if (channels_ == 3 && sample.rgb && !options_.rgb) {
    return "wants B, G, R (rgb=false), and the preprocess chain leaves R, G, B: say rgb=true if the network wants R, "
           "G, B; "
           "if it wants B, G, R, leave color(rgb) out of the chain, or put color(bgr) at its end";
  }
  const PixelRange range = range_of(sample);
  if (range.kind == Kind::kLevels) {
    if (white_ != 0) return {};  // the Session brings them there
    const double white = scales() || !normalizes_ ? 255 : white_of_mean(options_);
    return is_brightness_to(range, white) ? std::string() : another_white(sample, white);
  }
  if (range.kind == Kind::kMismatched) {
    return fmt::format(
        "cannot use what the preprocess chain made of this picture, for {} left {}: bring pixels to that range before "
        "the step, with depth(8) or rescale, change its numbers, or leave it out",
        source_of_range(sample), describe(range));
  }
  if (takes_as_they_come()) return {};
  const double white = white_ != 0 ? white_ : scales() ? 255 : white_of_mean(options_);
  return is_brightness_to(range, white) ? std::string() : processed(sample);
}

/// Why brightness up to one white is refused where the network's numbers are made for another, or do not say which.
std::string OnnxPixels::another_white(const Sample& sample, double white) const {
  const double given = range_of(sample).white;
  if (!scales() && normalizes_ && white == 1) {
    return fmt::format(
        "subtracts a mean and divides by a deviation that are for pixels of 0 to 1, and {} left {}: say "
        "scale={} in its card or options, or white={:.6g} if they are for such pixels",
        source_of_range(sample), describe(range_of(sample)), 1 / given, given);
  }
  return fmt::format(
      "has a scale of {:.6g}, which does not say which value is white, and {} left {}: say white={:.6g} in its "
      "card or options if it wants such pixels, or white=255 to have them brought to the range of 8 bit",
      options_.scale, source_of_range(sample), describe(range_of(sample)), given);
}

/// Why pixels that a step has normalised, say, are refused where the network's numbers are made for a picture's.
std::string OnnxPixels::processed(const Sample& sample) const {
  const PixelRange range = range_of(sample);
  const std::string made = fmt::format("{} left {}", source_of_range(sample), describe(range));
  const std::string does = fmt::format("{} pixels itself ({})",
                                       !scales()     ? "normalises"
                                       : normalizes_ ? "scales and normalises"
                                                     : "scales",
                                       text());
  if (range.kind == Kind::kUnknown) {
    return fmt::format(
        "{}, and {}: say which value is white, with levels(WHITE) behind that step or PixelRange in a decoder "
        "or step of your own; or have pixels fed as they are, with scale=1{}",
        does, made, normalizes_ ? "&mean=0&deviation=1" : "");
  }
  if (range.kind == Kind::kPhysical) {
    return fmt::format(
        "{}, and {}, which have no black and white: choose what it shall see with "
        "rescale(FACTOR,OFFSET)|levels(WHITE), or have them fed as they are, with scale=1{}",
        does, made, normalizes_ ? "&mean=0&deviation=1" : "");
  }
  const bool still_brightness = is_brightness_to(range, white_of_mean(options_));
  return fmt::format("{}, and {}: leave that step out of the chain, or have pixels fed as they are, with scale=1{}",
                     does, made, normalizes_ && !(still_brightness && scales()) ? "&mean=0&deviation=1" : "");
}

std::string OnnxPixels::text() const {
  std::string value = options_.scale == 1 ? "pixel" : fmt::format("pixel * {:.6g}", options_.scale);
  if (normalizes_) {
    value =
        fmt::format("({} - {}) / {}", value, numbers(options_.mean, channels_), numbers(options_.deviation, channels_));
  }
  const char* order = channels_ == 1 ? "gray" : options_.rgb ? "R, G, B" : "B, G, R";
  if (white_ == 0) return fmt::format("{}, {}", order, value);
  return fmt::format("{}, {}, pixels of 0 to {:.6g}", order, value, white_);
}

}  // namespace conveyor::vision
