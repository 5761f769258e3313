#ifndef CONVEYOR_TESTS_UNIT_VISION_PIXEL_MATRIX_H_
#define CONVEYOR_TESTS_UNIT_VISION_PIXEL_MATRIX_H_

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/vision/steps.h"

// The cells of the pixel matrix: pictures, chains, and networks with cards.

namespace conveyor::vision::pixel_matrix {

using Numbers = std::array<double, 3>;
inline constexpr Numbers kPartMean{0.485, 0.456, 0.406}, kPartDeviation{0.229, 0.224, 0.225};  // of pixels of 0 to 1
inline constexpr Numbers kByteMean{123.675, 116.28, 103.53},
    kByteDeviation{58.395, 57.12, 57.375};  // of pixels of 0 to 255

enum class Order { kGray, kBgr, kRgb };
enum class Depth { kEight, kTwelve, kSixteen, kFloat, kFloatUnsaid };
enum class Normalize { kNone, kParts, kBytes };

struct Cell {
  Depth depth;
  Order order;        // of the picture
  std::string color;  // a step, or nothing
  bool rescales;      // by 1/255
  Normalize chain;    // what the chain normalises by
  int channels;       // of the network
  bool rgb;           // of its card
  bool scales;        // by 1/255; otherwise by 1
  Normalize card;     // what its card normalises by
};

inline const Numbers& mean_of(Normalize how) { return how == Normalize::kParts ? kPartMean : kByteMean; }
inline const Numbers& deviation_of(Normalize how) { return how == Normalize::kParts ? kPartDeviation : kByteDeviation; }

inline double white_of(Depth depth) {
  constexpr std::array kWhites{255.0, 4095.0, 65535.0, 1.0, 1.0};
  return kWhites[static_cast<std::size_t>(depth)];
}
inline bool is_float(Depth depth) { return depth == Depth::kFloat || depth == Depth::kFloatUnsaid; }

// Red, green and blue of a pixel, as parts of white. Rounding of their gray is unambiguous in 8, 12 and 16 bit.
inline Numbers color_at(int x, int y) { return {(209 - 23 * y) / 255.0, (91 + 10 * x) / 255.0, (57 + x + y) / 255.0}; }
inline double stored(double part, Depth depth) {
  return is_float(depth) ? static_cast<double>(static_cast<float>(part)) : std::round(part * white_of(depth));
}

/// Values as they are stored: gray alone, or red, green and blue.
inline std::vector<double> stored_at(const Cell& cell, int x, int y) {
  const Numbers rgb = color_at(x, y);
  if (cell.order == Order::kGray) return {stored(rgb[0], cell.depth)};
  return {stored(rgb[0], cell.depth), stored(rgb[1], cell.depth), stored(rgb[2], cell.depth)};
}

inline Sample picture(const Cell& cell, cv::Size size) {
  const int channels = cell.order == Order::kGray ? 1 : 3;
  cv::Mat values(size, CV_64FC(channels));
  for (int y = 0; y < size.height; ++y) {
    for (int x = 0; x < size.width; ++x) {
      const std::vector<double> at = stored_at(cell, x, y);
      for (int c = 0; c < channels; ++c) {
        values.ptr<double>(y)[x * channels + c] = at[static_cast<std::size_t>(cell.order == Order::kBgr ? 2 - c : c)];
      }
    }
  }
  Sample sample;
  values.convertTo(sample.pixels, cell.depth == Depth::kEight ? CV_8U : is_float(cell.depth) ? CV_32F : CV_16U);
  sample.rgb = cell.order == Order::kRgb;
  if (cell.depth == Depth::kTwelve) sample.range = PixelRange::levels(4095);
  if (cell.depth == Depth::kFloat) sample.range = PixelRange::levels(1);
  return sample;
}

inline std::string chain_of(const Cell& cell) {
  std::string text;
  const auto add = [&](const std::string& step) { text += (text.empty() ? "" : "|") + step; };
  const auto three = [](const Numbers& n) { return fmt::format("{},{},{}", n[0], n[1], n[2]); };
  if (cell.rescales) add(fmt::format("rescale({},0)", 1 / 255.0));
  if (!cell.color.empty()) add(cell.color);
  if (cell.chain != Normalize::kNone) {
    add(fmt::format("normalize({},{})", three(mean_of(cell.chain)), three(deviation_of(cell.chain))));
  }
  return text;
}

/// The network of tests/unit/vision/models that a cell ends in, and the size of picture that it takes.
inline const char* network_of(const Cell& cell) { return cell.channels == 1 ? "means_gray.onnx" : "means.onnx"; }
inline cv::Size size_of(const Cell& cell) { return cell.channels == 1 ? cv::Size(4, 4) : cv::Size(8, 6); }

inline std::string picture_name_of(const Cell& cell) {
  constexpr std::array kDepths{"8 bit", "12 bit", "16 bit", "float", "float, unsaid"};
  constexpr std::array kOrders{"gray", "BGR", "RGB"};
  return fmt::format("{} {}", kDepths[static_cast<std::size_t>(cell.depth)],
                     kOrders[static_cast<std::size_t>(cell.order)]);
}
inline std::string name_of(const Cell& cell) {
  constexpr std::array kNormalize{"none", "0 to 1", "0 to 255"};
  return fmt::format("{} through \"{}\" into {} channels, rgb={}, scale {}, card's mean {}", picture_name_of(cell),
                     chain_of(cell), cell.channels, cell.rgb, cell.scales ? "1/255" : "1",
                     kNormalize[static_cast<std::size_t>(cell.card)]);
}

}  // namespace conveyor::vision::pixel_matrix

#endif  // CONVEYOR_TESTS_UNIT_VISION_PIXEL_MATRIX_H_
