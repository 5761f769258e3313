#include "vision/onnx/onnx_candidates.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <utility>

#include "conveyor/error.h"

namespace conveyor::vision {
namespace {

constexpr std::size_t kPoseColumns = 4 + 1 + 17 * 3;  // of a YOLOv8 pose network: a person and its 17 keypoints

constexpr std::string_view kNotANumber = "is not a number";

[[noreturn]] void refuse(const std::vector<OnnxOutput>& outputs, const std::string& what) {
  throw Error(errc::invalid_config, what + likely_layout(outputs));
}

/// The table in an output of 1 x rows x columns or, transposed, of 1 x columns x rows.
Table table_of(const std::vector<OnnxOutput>& outputs, std::size_t which, bool turned, const char* needed) {
  const OnnxOutput& output = outputs[which];
  const auto& shape = output.shape;
  if (shape.size() != 3 || shape[0] != 1 || shape[1] < 1 || shape[2] < 1) {
    refuse(outputs, fmt::format("its output is {}; {} is needed", shape_text(shape), needed));
  }
  const auto rows = static_cast<std::size_t>(shape[1]), columns = static_cast<std::size_t>(shape[2]);
  if (turned) return {output.values.data(), columns, rows, 1, columns};
  return {output.values.data(), rows, columns, columns, 1};
}

Candidates ssd(const std::vector<OnnxOutput>& outputs) {
  constexpr const char* kNeeded = "1 x candidates x 4 and 1 x candidates x (1 + classes)";
  Table boxes = table_of(outputs, 0, false, kNeeded), scores = table_of(outputs, 1, false, kNeeded);
  if (boxes.columns == 4 && scores.columns == 4) {
    refuse(outputs, "both of its outputs have 4 columns, so that boxes and scores cannot be told apart");
  }
  if (boxes.columns != 4) std::swap(boxes, scores);
  if (boxes.columns != 4 || boxes.rows != scores.rows) {
    refuse(outputs, fmt::format("its outputs are {} and {}; {} are needed", shape_text(outputs[0].shape),
                                shape_text(outputs[1].shape), kNeeded));
  }
  return {.boxes = boxes, .kind = Candidates::Boxes::kParts, .scores = scores, .first_class = 1};
}

Candidates layout(const std::vector<OnnxOutput>& outputs, DetectionHead head) {
  const std::size_t needed = head == DetectionHead::kSsd ? 2 : 1;
  if (outputs.size() != needed) {
    refuse(outputs,
           fmt::format("it has {} output{}; this head has {}", outputs.size(), outputs.size() == 1 ? "" : "s", needed));
  }
  switch (head) {
    case DetectionHead::kYoloRows: {
      const Table table = table_of(outputs, 0, false, "1 x candidates x (5 + classes)");
      return {.boxes = table, .scores = table, .first_class = 5, .sure_of_any = true};
    }
    case DetectionHead::kYoloColumns: {
      const Table table = table_of(outputs, 0, true, "1 x (4 + classes) x candidates");
      return {.boxes = table, .scores = table, .first_class = 4};
    }
    case DetectionHead::kEndToEnd: {
      const Table table = table_of(outputs, 0, false, "1 x candidates x 6");
      if (table.columns != 6) refuse(outputs, fmt::format("it gives {} numbers a candidate, not 6", table.columns));
      return {.boxes = table, .kind = Candidates::Boxes::kCorners, .says_class = true};
    }
    case DetectionHead::kSsd:
      break;
  }
  return ssd(outputs);
}

bool is_score(double score) {
  constexpr double kRounding = 1e-3;
  return score >= -kRounding && score <= 1 + kRounding;
}

/// Whether all boxes lie at the first pixels of the input: they are then in grid cells, or fractions of the input.
bool lie_in_a_corner(const Candidates& candidates, const OnnxOptions& network) {
  constexpr double kPart = 1.0 / 8;
  constexpr std::size_t kFew = 16;
  if (candidates.kind != Candidates::Boxes::kCentres || candidates.boxes.rows < kFew) return false;
  for (std::size_t row = 0; row < candidates.boxes.rows; ++row) {
    const double x = candidates.boxes(row, 0), y = candidates.boxes(row, 1);
    if (std::abs(x) > kPart * network.width || std::abs(y) > kPart * network.height) return false;
  }
  return true;
}

/// Whether the only column of class scores holds whole numbers, as the class indexes of an end-to-end network would be.
/// Such networks give few rows; a grid has thousands.
bool counts_classes(const Candidates& candidates) {
  constexpr std::size_t kFew = 1000;
  if (!candidates.sure_of_any || candidates.scores.columns != 6 || candidates.scores.rows > kFew) return false;
  for (std::size_t row = 0; row < candidates.scores.rows; ++row) {
    if (candidates.scores(row, 5) != std::floor(candidates.scores(row, 5))) return false;
  }
  return true;
}

std::string wrong_classes(const Candidates& candidates, std::size_t labels, double min_score) {
  constexpr double kMost = 1 << 24;
  for (std::size_t row = 0; row < candidates.boxes.rows; ++row) {
    const double score = candidates.boxes(row, 4), index = candidates.boxes(row, 5);
    if (std::isnan(score)) return fmt::format("the score of candidate {} {}", row, kNotANumber);
    if (!is_score(score)) return fmt::format("the score of candidate {} is {:.4g}, not from 0 to 1", row, score);
    if (score < min_score) continue;
    if (index != std::floor(index) || index < 0 || index > kMost) {
      return fmt::format("the class of candidate {} is {:.4g}", row, index);
    }
    if (labels > 0 && index >= static_cast<double>(labels)) {
      return fmt::format("the class of candidate {} is {}; there are {} labels", row, index, labels);
    }
  }
  return {};
}

std::string wrong_scores(const Candidates& candidates, const OnnxOptions& network, double min_score) {
  bool found = false;
  for (std::size_t row = 0; row < candidates.scores.rows; ++row) {
    const double any = candidates.sure_of_any ? candidates.boxes(row, 4) : 1;
    for (std::size_t column = candidates.first_class; column < candidates.scores.columns; ++column) {
      const double score = candidates.scores(row, column);
      if (std::isnan(any * score)) return fmt::format("the score of candidate {} {}", row, kNotANumber);
      if (!is_score(any) || !is_score(any * score)) {
        return fmt::format("the score of candidate {} is {:.4g}, not from 0 to 1", row, any * score);
      }
      found = found || any * score >= min_score;
    }
  }
  if (!found) return {};
  if (counts_classes(candidates)) return "the scores of its one class are whole numbers";
  return lie_in_a_corner(candidates, network)
             ? "all of its boxes lie in the first eighth of the input: in cells of a grid, "
               "or parts of the input, but not in pixels"
             : "";
}

}  // namespace

std::string likely_layout(const std::vector<OnnxOutput>& outputs) {
  const auto is_map = [](const OnnxOutput& output) { return output.shape.size() == 4; };
  if (outputs.size() == 1 && outputs[0].shape.size() == 3) {
    const auto a = outputs[0].shape[1], b = outputs[0].shape[2];
    if (b == 6) {
      return ". 1 x N x 6 is how end-to-end exports give left, top, right, bottom, score and class: head=end_to_end";
    }
    if (std::min(a, b) == static_cast<std::int64_t>(kPoseColumns)) {
      return ". 56 numbers a candidate are those of YOLO's pose networks: boxes with 17 keypoints, which are not read";
    }
    constexpr const char* kColumns =
        " of YOLOv8 (head=yolo_columns), or of its poses or oriented boxes, which are not read";
    constexpr const char* kRows =
        " of YOLOv5 (head=yolo_rows), of YOLOX (head=yolo_rows, exported with --decode_in_inference), or end-to-end "
        "(head=end_to_end)";
    if (a < b / 2) return fmt::format(". It may be{}", kColumns);
    return a / 2 > b ? fmt::format(". It may be{}", kRows) : fmt::format(". It may be{}; or{}", kColumns, kRows);
  }
  if (outputs.size() == 2 && std::any_of(outputs.begin(), outputs.end(), is_map)) {
    return ". An output of 4 dimensions beside the boxes has masks: segmentation networks are not read";
  }
  if (outputs.size() == 2) {
    return ". Two outputs are those of SSD (head=ssd), or of DETR, whose logits are not read";
  }
  if (outputs.size() == 3) {
    return ". Three outputs are boxes, labels and scores apart, as torchvision gives them, or maps of each stride; "
           "neither "
           "are read";
  }
  return outputs.size() > 3 ? ". These are maps that the exporter can decode to boxes in the network itself" : "";
}

Candidates candidates_of(const std::vector<OnnxOutput>& outputs, DetectionHead head, std::size_t labels) {
  const Candidates candidates = layout(outputs, head);
  if (candidates.says_class) return candidates;
  const std::size_t columns = candidates.scores.columns, first = candidates.first_class;
  if (columns <= first || (labels > 0 && labels != columns - first)) {
    refuse(outputs, fmt::format("it gives {} numbers a candidate; for {} labels and this head they would be {}",
                                columns, labels, labels + first));
  }
  if (columns - first > candidates.scores.rows) {
    refuse(outputs, fmt::format("it would give {} candidates for {} classes with this head", candidates.scores.rows,
                                columns - first));
  }
  if (labels == 0 && columns == kPoseColumns && head == DetectionHead::kYoloColumns) {
    refuse(outputs, fmt::format("it gives {} numbers a candidate; if they are {} classes, name their labels", columns,
                                columns - first));
  }
  return candidates;
}

std::string wrong_numbers(const Candidates& candidates, const std::vector<OnnxOutput>& outputs,
                          const OnnxOptions& network, double min_score) {
  const std::string wrong = candidates.says_class ? wrong_classes(candidates, network.labels.size(), min_score)
                                                  : wrong_scores(candidates, network, min_score);
  if (wrong.empty() || wrong.ends_with(kNotANumber)) return wrong;
  return fmt::format("{}: the head does not fit the network{}", wrong, likely_layout(outputs));
}

}  // namespace conveyor::vision
