#ifndef CONVEYOR_SRC_ONNXRUNTIME_ENGINE_H_
#define CONVEYOR_SRC_ONNXRUNTIME_ENGINE_H_

#include "vision/onnx/onnx_network.h"

namespace conveyor::onnxruntime {

/// ONNX Runtime. Its maker throws Error with errc::invalid_config when ONNX Runtime cannot load the network, and run()
/// with errc::handler_failed.
[[nodiscard]] vision::OnnxEngineKind engine();

}  // namespace conveyor::onnxruntime

#endif  // CONVEYOR_SRC_ONNXRUNTIME_ENGINE_H_
