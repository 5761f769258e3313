#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_BOXES_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_BOXES_H_

#include <cstddef>

#include "conveyor/vision/outcome.h"
#include "vision/onnx/onnx_candidates.h"

// Where the boxes of candidates lie, and the grids of cells that YOLO networks have candidates for.

namespace conveyor::vision {

/// The box of a candidate, in pixels of the input.
[[nodiscard]] Box box_of(const Candidates& candidates, std::size_t row, const OnnxOptions& network);

/// How many cells YOLOX has: one for each square of 8, 16 and 32 pixels of the input, in this order, row by row.
[[nodiscard]] std::size_t yolox_cells(const OnnxOptions& network);

/// Whether a YOLO network may give so many candidates: one or three for each square of some strides of theirs.
[[nodiscard]] bool is_yolo_grid(std::size_t candidates, const OnnxOptions& network);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_BOXES_H_
