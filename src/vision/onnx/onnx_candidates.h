#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_CANDIDATES_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_CANDIDATES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "conveyor/vision/onnx_detector.h"
#include "vision/onnx/onnx_network.h"

namespace conveyor::vision {

/// Rows and columns of an output, stored row by row or column by column.
struct Table {
  const float* values = nullptr;
  std::size_t rows = 0, columns = 0;
  std::size_t row_step = 0, column_step = 0;

  double operator()(std::size_t row, std::size_t column) const {
    return static_cast<double>(values[row * row_step + column * column_step]);
  }
};

/// The common form of all heads: for each candidate a box, and a score for each class.
struct Candidates {
  enum class Boxes {
    kCentres,  // centre x and y, width, height in pixels of the input
    kCorners,  // left, top, right, bottom in pixels of the input
    kParts,    // left, top, right, bottom as fractions of the input
  };
  Table boxes = {};  // 4 columns from 0
  Boxes kind = Boxes::kCentres;
  Table scores = {};  // the classes from first_class
  std::size_t first_class = 0;
  bool sure_of_any = false;  // column 4 of boxes, objectness, multiplies the scores
  bool says_class = false;   // column 4 of boxes is the score, column 5 the index of its class
};

/// @param labels how many there are; 0: it is not known
/// @throws Error with errc::invalid_config when the shapes are not those of the head, naming the layouts they may be
[[nodiscard]] Candidates candidates_of(const std::vector<OnnxOutput>& outputs, DetectionHead head, std::size_t labels);

/// For an error text: which layout outputs of these shapes may have, and what to do then. Empty: unknown.
[[nodiscard]] std::string likely_layout(const std::vector<OnnxOutput>& outputs);

/// Detects a table that is read as the wrong head: scores outside 0 to 1, class indexes that do not exist, boxes that
/// are not in pixels. Says what is wrong and which layout it may be; empty: nothing is wrong.
/// @param min_score boxes below it are not looked at
[[nodiscard]] std::string wrong_numbers(const Candidates& candidates, const std::vector<OnnxOutput>& outputs,
                                        const OnnxOptions& network, double min_score);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_CANDIDATES_H_
