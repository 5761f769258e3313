#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_ACTIVATION_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_ACTIVATION_H_

#include <span>
#include <vector>

#include "conveyor/vision/onnx.h"
#include "vision/onnx/onnx_model.h"

namespace conveyor::vision {

/// Makes probabilities of logits, in place: those of one image, or of one candidate.
void activate(OnnxActivation activation, std::span<double> scores);

/// Refuses to compute a softmax or sigmoid where the network itself ends with one: scores would still be from 0 to 1,
/// but nearly equal.
/// @param outputs those that are read
/// @throws Error with errc::invalid_config naming the output
void check_activation(OnnxActivation activation, const OnnxModel& model, const std::vector<OnnxValue>& outputs);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_ACTIVATION_H_
