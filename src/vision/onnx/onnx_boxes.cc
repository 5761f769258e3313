#include "vision/onnx/onnx_boxes.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace conveyor::vision {
namespace {

constexpr std::array kYoloxStrides = {8, 16, 32};

/// A square of the input that has a candidate of its own.
struct Cell {
  double x = 0, y = 0;  // counted in cells
  double stride = 1;    // its side in pixels
};

std::size_t cells(int stride, const OnnxOptions& network) {
  return static_cast<std::size_t>(network.width / stride) * static_cast<std::size_t>(network.height / stride);
}

Cell yolox_cell(std::size_t index, const OnnxOptions& network) {
  for (const int stride : kYoloxStrides) {
    const std::size_t here = cells(stride, network), across = static_cast<std::size_t>(network.width / stride);
    if (index < here) {
      return {static_cast<double>(index % across), static_cast<double>(index / across), static_cast<double>(stride)};
    }
    index -= here;
  }
  return {};
}

/// A box of which double has more digits than are kept.
struct Rectangle {
  double x = 0, y = 0, width = 0, height = 0;
};

Rectangle rectangle_of(const Candidates& from, std::size_t row, const OnnxOptions& network) {
  const double a = from.boxes(row, 0), b = from.boxes(row, 1), c = from.boxes(row, 2), d = from.boxes(row, 3);
  if (from.in_cells) {
    const auto [x, y, stride] = yolox_cell(row, network);
    const double width = std::exp(c) * stride, height = std::exp(d) * stride;
    return {(a + x) * stride - width / 2, (b + y) * stride - height / 2, width, height};
  }
  switch (from.format) {
    case BoxFormat::kXyxy:
      return {a, b, c - a, d - b};
    case BoxFormat::kYxyx:
      return {b, a, d - b, c - a};
    case BoxFormat::kCxcywh:
    case BoxFormat::kOfHead:
      break;
  }
  return {a - c / 2, b - d / 2, c, d};
}

}  // namespace

Box box_of(const Candidates& candidates, std::size_t row, const OnnxOptions& network) {
  const auto [x, y, width, height] = rectangle_of(candidates, row, network);
  const bool fractions = candidates.units == BoxUnits::kNormalized;
  const double across = fractions ? network.width : 1, down = fractions ? network.height : 1;
  return {static_cast<float>(x * across), static_cast<float>(y * down), static_cast<float>(width * across),
          static_cast<float>(height * down)};
}

std::size_t yolox_cells(const OnnxOptions& network) {
  std::size_t all = 0;
  for (const int stride : kYoloxStrides) all += cells(stride, network);
  return all;
}

bool is_yolo_grid(std::size_t candidates, const OnnxOptions& network) {
  constexpr std::array<std::array<int, 2>, 4> kStrides = {{{8, 32}, {8, 64}, {4, 32}, {16, 32}}};  // from, to
  return std::any_of(kStrides.begin(), kStrides.end(), [&](const auto& strides) {
    std::size_t all = 0;
    for (int stride = strides[0]; stride <= strides[1]; stride *= 2) all += cells(stride, network);
    return candidates == all || candidates == 3 * all;
  });
}

}  // namespace conveyor::vision
