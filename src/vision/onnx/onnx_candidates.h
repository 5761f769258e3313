#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_CANDIDATES_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_CANDIDATES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "conveyor/vision/onnx_detector.h"
#include "vision/onnx/onnx_network.h"

namespace conveyor::vision {

/// The numbers of a candidate of a YOLOv8 pose network: a box, the score of a person, and 17 keypoints.
inline constexpr std::size_t kPoseColumns = 4 + 1 + 17 * 3;

/// Rows and columns of an output, stored row by row or column by column.
struct Table {
  const float* values = nullptr;
  std::size_t rows = 0, columns = 0;
  std::size_t row_step = 0, column_step = 0;

  double operator()(std::size_t row, std::size_t column) const {
    return static_cast<double>(values[row * row_step + column * column_step]);
  }
  /// The columns from `first` on, at most `most`.
  [[nodiscard]] Table part(std::size_t first, std::size_t most) const;
};

/// The common form of all heads: for each candidate a box, and a score for each class.
struct Candidates {
  Table boxes = {};  // 4 columns
  BoxFormat format = BoxFormat::kCxcywh;
  BoxUnits units = BoxUnits::kPixels;
  bool in_cells = false;  // of YOLOX; format and units do not apply

  Table scores = {};
  std::size_t first_class = 0, end_class = 0;  // the columns of scores that are those of classes
  Table objectness = {};                       // multiplies the scores; one column, or none
  Table classes = {};  // the index of the one class that a candidate has a score for; one column, or none

  [[nodiscard]] bool says_class() const { return classes.columns > 0; }
  [[nodiscard]] double certainty(std::size_t row) const { return objectness.columns > 0 ? objectness(row, 0) : 1; }
};

/// @param options resolved (onnx_heads.h)
/// @param network with the labels, of which there may be none
/// @throws Error with errc::invalid_config when the shapes are not those of the head, naming the layouts they may be
[[nodiscard]] Candidates candidates_of(const std::vector<OnnxOutput>& outputs, const OnnxDetectorOptions& options,
                                       const OnnxOptions& network);

/// Memory for scores.
struct ActivatedScores {
  std::vector<float> scores = {}, objectness = {};
  std::vector<double> row = {};
};
/// Makes probabilities of the scores of candidates, in `memory`.
void activate(OnnxActivation activation, Candidates& candidates, ActivatedScores& memory);

/// Detects logits that are none: scores that are all from 0 to 1 before the activation. Says what to change; empty:
/// nothing is wrong.
[[nodiscard]] std::string wrong_logits(OnnxActivation activation, const Candidates& candidates);

/// Detects a table that is read as the wrong head: scores outside 0 to 1, class indexes that do not exist, boxes that
/// are in other units. Says what is wrong and which layout or setting it may be; empty: nothing is wrong.
/// @param min_score boxes below it are not looked at
[[nodiscard]] std::string wrong_numbers(const Candidates& candidates, const std::vector<OnnxOutput>& outputs,
                                        const OnnxOptions& network, double min_score);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_CANDIDATES_H_
