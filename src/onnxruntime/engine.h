#ifndef CONVEYOR_SRC_ONNXRUNTIME_ENGINE_H_
#define CONVEYOR_SRC_ONNXRUNTIME_ENGINE_H_

#include <memory>

#include "vision/onnx/onnx_network.h"

namespace conveyor::onnxruntime {

/// @throws Error with errc::invalid_config when ONNX Runtime cannot load it; its run() with errc::handler_failed
[[nodiscard]] std::unique_ptr<vision::OnnxEngine> make_engine(const vision::OnnxNetwork& network);

}  // namespace conveyor::onnxruntime

#endif  // CONVEYOR_SRC_ONNXRUNTIME_ENGINE_H_
