#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_ARGUMENTS_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_ARGUMENTS_H_

#include <vector>

#include "conveyor/export.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"
#include "vision/onnx/onnx_network.h"

// Exported for Conveyor::onnxruntime.

namespace conveyor::vision {

/// What the model card beside the file says, and what the arguments say instead.
/// @throws Error with errc::invalid_config
[[nodiscard]] CONVEYOR_EXPORT OnnxOptions onnx_options(const ClassifierArguments& arguments);
[[nodiscard]] CONVEYOR_EXPORT OnnxDetectorOptions onnx_detector_options(const ClassifierArguments& arguments);

/// The engine that the key `engine` names, or all of them.
/// @param available the preferred one first
/// @throws Error with errc::invalid_config where it names none of those
[[nodiscard]] CONVEYOR_EXPORT std::vector<OnnxEngineKind> onnx_engines(const ClassifierArguments& arguments,
                                                                       const std::vector<OnnxEngineKind>& available);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_ARGUMENTS_H_
