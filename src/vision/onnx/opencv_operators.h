#ifndef CONVEYOR_SRC_VISION_ONNX_OPENCV_OPERATORS_H_
#define CONVEYOR_SRC_VISION_ONNX_OPENCV_OPERATORS_H_

#include "vision/onnx/onnx_model.h"

namespace conveyor::vision {

/// Refuses what OpenCV would silently run wrongly. It lets through only operators, attributes and forms of inputs that
/// are known to give what ONNX Runtime gives (tests/unit/onnxruntime/operators_test.cc compares the most used).
///
/// OpenCV 4.6 ignores, for one, the axes that ReduceMean has as an input since opset 18, divides a constant by a tensor
/// the other way round, and pads SAME_LOWER as SAME_UPPER.
///
/// @throws Error with errc::invalid_config naming the node, what is wrong, and what runs it
void check_opencv_runs(const OnnxModel& model);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_OPENCV_OPERATORS_H_
