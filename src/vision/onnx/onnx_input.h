#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_INPUT_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_INPUT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "conveyor/vision/onnx.h"
#include "vision/onnx/onnx_model.h"

namespace conveyor::vision {

/// How a network takes images.
struct OnnxInput {
  std::string name = {};
  std::int64_t type = kOnnxFloat;  ///< kOnnxFloat, kOnnxFloat16 or kOnnxUint8
  bool channels_last = false;      ///< N, H, W, C; otherwise N, C, H, W
  int batch = 1;                   ///< images a call; where the file leaves it open, 1
  int channels = 0;                ///< 1 or 3
};

/// Reads what the file declares, as the options say where that is ambiguous. Sets width and height of the options, and
/// of a network of uint8 the scale and white that it needs.
/// @throws Error with errc::invalid_config when images cannot be fed to such an input, or the options say otherwise
[[nodiscard]] OnnxInput read_onnx_input(const std::vector<OnnxValue>& inputs, OnnxOptions& options);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_INPUT_H_
