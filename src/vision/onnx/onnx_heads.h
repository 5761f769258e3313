#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_HEADS_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_HEADS_H_

#include <string>
#include <vector>

#include "conveyor/vision/onnx_detector.h"
#include "vision/onnx/onnx_network.h"

// Which head a detector has.

namespace conveyor::vision {

/// The options with all that they leave to the head decided: kAuto and each kOfHead replaced. Shapes and the number of
/// labels decide on the head, numbers never do.
/// @param options of the detector
/// @param network with width, height and labels set
/// @param outputs of any image
/// @throws Error with errc::invalid_config when no head fits, or more than one, or a setting does not go with the head;
///         it names the settings
[[nodiscard]] OnnxDetectorOptions resolve_head(const OnnxDetectorOptions& options, const OnnxOptions& network,
                                               const std::vector<OnnxOutput>& outputs);

/// For an error text: which layout outputs of these shapes may have, and what to do then. Empty: unknown.
[[nodiscard]] std::string likely_layout(const std::vector<OnnxOutput>& outputs);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_HEADS_H_
