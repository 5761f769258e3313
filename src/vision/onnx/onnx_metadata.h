#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_METADATA_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_METADATA_H_

#include <string>
#include <string_view>
#include <vector>

#include "vision/onnx/onnx_model.h"

// What exporters write into the metadata of a file.

namespace conveyor::vision {

/// The labels: of `names`, a dictionary or list of Python (Ultralytics) or JSON, or of `character`, one a line
/// (PaddlePaddle). Empty: there are none, or they cannot be read.
[[nodiscard]] std::vector<std::string> labels_in(const OnnxModel& model);

/// Why a network of such a `task` (Ultralytics) gives something else than what is read of it, and what reads it. Empty:
/// nothing is known against it.
/// @param detector whether boxes are read, and not scores of the image
[[nodiscard]] std::string wrong_task(const OnnxModel& model, bool detector);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_METADATA_H_
