#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_ARGUMENTS_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_ARGUMENTS_H_

#include "conveyor/export.h"
#include "conveyor/vision/classifier_registry.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"

// Exported for Conveyor::onnxruntime.

namespace conveyor::vision {

/// What the model card beside the file says, and what the arguments say instead.
/// @throws Error with errc::invalid_config
[[nodiscard]] CONVEYOR_EXPORT OnnxOptions onnx_options(const ClassifierArguments& arguments);
[[nodiscard]] CONVEYOR_EXPORT OnnxDetectorOptions onnx_detector_options(const ClassifierArguments& arguments);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_ARGUMENTS_H_
