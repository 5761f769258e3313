#include "vision/onnx/onnx_candidates.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <tuple>
#include <utility>

#include "conveyor/error.h"
#include "vision/onnx/onnx_activation.h"
#include "vision/onnx/onnx_boxes.h"
#include "vision/onnx/onnx_heads.h"
#include "vision/onnx/onnx_words.h"

namespace conveyor::vision {
namespace {

using enum DetectionHead;

[[noreturn]] void refuse(const std::vector<OnnxOutput>& outputs, const std::string& what) {
  throw Error(errc::invalid_config, what + likely_layout(outputs));
}

/// The table in an output of 1 x rows x columns or, transposed, of 1 x columns x rows.
Table table_of(const std::vector<OnnxOutput>& outputs, std::size_t which, bool turned, const char* needed) {
  const OnnxOutput& output = outputs[which];
  const auto& shape = output.shape;
  if (shape.size() != 3 || shape[0] != 1 || shape[1] < 0 || shape[2] < 1) {
    refuse(outputs, fmt::format("its output is {}; {} is needed", shape_text(shape), needed));
  }
  const auto rows = static_cast<std::size_t>(shape[1]), columns = static_cast<std::size_t>(shape[2]);
  if (turned) return {output.values.data(), columns, rows, 1, columns};
  return {output.values.data(), rows, columns, columns, 1};
}

/// Two outputs, of boxes and of scores; that of 4 columns has the boxes.
std::pair<Table, Table> boxes_and_scores(const std::vector<OnnxOutput>& outputs, bool in_order) {
  constexpr const char* kNeeded = "1 x candidates x 4 and 1 x candidates x scores";
  Table boxes = table_of(outputs, 0, false, kNeeded), scores = table_of(outputs, 1, false, kNeeded);
  if (boxes.columns == 4 && scores.columns == 4 && !in_order) {
    refuse(outputs,
           "both of its outputs have 4 columns, so that boxes and scores cannot be told apart: name both with "
           "outputs, that of boxes first");
  }
  if (boxes.columns != 4) std::swap(boxes, scores);
  if (boxes.columns != 4 || boxes.rows != scores.rows) {
    refuse(outputs, fmt::format("its outputs are {} and {}; {} are needed", shape_text(outputs[0].shape),
                                shape_text(outputs[1].shape), kNeeded));
  }
  return {boxes, scores};
}

Candidates layout(const std::vector<OnnxOutput>& outputs, const OnnxDetectorOptions& options) {
  const DetectionHead head = options.head;
  const std::size_t needed = head == kSsd || head == kDetr ? 2 : 1;
  if (outputs.size() != needed) {
    refuse(outputs,
           fmt::format("it has {} output{}; this head has {}", outputs.size(), outputs.size() == 1 ? "" : "s", needed));
  }
  Candidates read{.format = options.box_format, .units = options.box_units, .in_cells = head == kYolox};
  if (needed == 2) {
    std::tie(read.boxes, read.scores) = boxes_and_scores(outputs, !options.network.outputs.empty());
    return read;
  }
  const bool turned = head == kYoloColumns, end_to_end = head == kEndToEnd;
  const Table table = table_of(outputs, 0, turned,
                               turned       ? "1 x (4 + classes) x candidates"
                               : end_to_end ? "1 x candidates x 6"
                                            : "1 x candidates x (5 + classes)");
  if (end_to_end && table.columns != 6) {
    refuse(outputs, fmt::format("it gives {} numbers a candidate, not 6", table.columns));
  }
  read.boxes = table.part(0, 4);
  if (end_to_end) {
    read.scores = table.part(4, 1);
    read.classes = table.part(5, 1);
  } else if (turned) {
    read.scores = table.part(4, table.columns);
  } else {
    read.objectness = table.part(4, 1);
    read.scores = table.part(5, table.columns);
  }
  return read;
}

/// Sets which columns of scores are those of classes, and checks that there are as many as labels.
void set_classes(Candidates& read, const std::vector<OnnxOutput>& outputs, const OnnxDetectorOptions& options,
                 std::size_t labels) {
  const bool has_background = options.background != Background::kNone;
  const std::size_t columns = read.scores.columns, background = has_background ? 1 : 0;
  const bool one_table = outputs.size() == 1, has_objectness = options.head == kYoloRows || options.head == kYolox;
  const std::size_t before = !one_table ? 0 : has_objectness ? 5 : 4;
  const std::size_t given = columns + (one_table ? read.boxes.columns + read.objectness.columns : 0);
  if (columns <= background || (labels > 0 && columns != labels + background)) {
    const std::string of_none = one_table && !has_background
                                    ? ""
                                    : fmt::format(" with background={}", word_of(kBackgroundWords, options.background));
    refuse(outputs, fmt::format("it gives {} numbers a candidate; for {} labels and this head they would be {}{}",
                                given, labels, before + labels + background, of_none));
  }
  const std::size_t classes = columns - background;
  if (one_table && classes > read.scores.rows) {
    refuse(outputs,
           fmt::format("it would give {} candidates for {} classes with this head", read.scores.rows, classes));
  }
  if (labels == 0 && given == kPoseColumns && options.head == kYoloColumns) {
    refuse(outputs,
           fmt::format("it gives {} numbers a candidate; if they are {} classes, name their labels", given, classes));
  }
  read.first_class = options.background == Background::kFirst ? 1 : 0;
  read.end_class = read.first_class + classes;
}

}  // namespace

Table Table::part(std::size_t first, std::size_t most) const {
  const std::size_t from = std::min(first, columns);
  Table columns_of = *this;
  if (rows > 0) columns_of.values += from * column_step;  // without rows there may be no memory
  columns_of.columns = std::min(most, columns - from);
  return columns_of;
}

Candidates candidates_of(const std::vector<OnnxOutput>& outputs, const OnnxDetectorOptions& options,
                         const OnnxOptions& network) {
  Candidates read = layout(outputs, options);
  if (read.says_class()) return read;
  set_classes(read, outputs, options, network.labels.size());
  if (read.in_cells && read.boxes.rows != yolox_cells(network)) {
    refuse(outputs, fmt::format("it gives {} candidates; head=yolox has {} for {} x {} pixels", read.boxes.rows,
                                yolox_cells(network), network.width, network.height));
  }
  return read;
}

void activate(OnnxActivation activation, Candidates& candidates, ActivatedScores& memory) {
  if (activation == OnnxActivation::kNone) return;
  const auto through = [&](Table& table, std::vector<float>& values) {
    values.resize(table.rows * table.columns);
    memory.row.resize(table.columns);
    for (std::size_t row = 0; row < table.rows; ++row) {
      for (std::size_t column = 0; column < table.columns; ++column) memory.row[column] = table(row, column);
      activate(activation, std::span<double>(memory.row));
      std::transform(memory.row.begin(), memory.row.end(),
                     values.begin() + static_cast<std::ptrdiff_t>(row * table.columns),
                     [](double score) { return static_cast<float>(score); });
    }
    table = {values.data(), table.rows, table.columns, table.columns, 1};
  };
  through(candidates.scores, memory.scores);
  if (candidates.objectness.columns > 0) through(candidates.objectness, memory.objectness);
}

}  // namespace conveyor::vision
