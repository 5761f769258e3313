#ifndef CONVEYOR_SRC_VISION_ONNX_INPUT_H_
#define CONVEYOR_SRC_VISION_ONNX_INPUT_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::vision {

/// An input that an ONNX model declares. OpenCV does not tell, and takes wrong shapes for granted.
struct OnnxInput {
  std::string name = {};
  std::int64_t element_type = 0;         // onnx.TensorProto.DataType; 1 is float
  std::vector<std::int64_t> shape = {};  // -1: not fixed
};
inline constexpr std::int64_t kOnnxFloat = 1;

/// The inputs to be filled: without those that are weights.
/// @throws Error with errc::invalid_config when the bytes are not a serialised onnx.ModelProto
[[nodiscard]] std::vector<OnnxInput> onnx_inputs(std::string_view model);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_INPUT_H_
