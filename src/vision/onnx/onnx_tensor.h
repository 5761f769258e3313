#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_TENSOR_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_TENSOR_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace conveyor::vision {

inline constexpr std::int64_t kOnnxFloat = 1, kOnnxUint8 = 2, kOnnxInt32 = 6, kOnnxInt64 = 7, kOnnxFloat16 = 10;

/// "float", "uint8", ... of an onnx.TensorProto.DataType; "type 99" for one that is none.
[[nodiscard]] std::string onnx_type_name(std::int64_t type);

/// An onnx.TensorProto, whose views live as long as the bytes it was read from.
struct OnnxTensor {
  std::string_view name = {};
  std::int64_t type = 0;
  std::vector<std::int64_t> shape = {};
  std::string_view raw = {};    // little endian
  std::string_view typed = {};  // the packed field of its type, where that holds the numbers

  bool external = false;  // its bytes are in another file:
  std::string_view location = {};
  std::optional<std::uint64_t> offset = {}, length = {};

  [[nodiscard]] std::string title() const;  // tensor "name"
  /// @throws Error with errc::invalid_config when a side is negative, they are too many, or the type has no size
  [[nodiscard]] std::uint64_t elements() const;
  [[nodiscard]] std::uint64_t bytes() const;
  /// The numbers of a small tensor of float, int32 or int64; nothing for others.
  [[nodiscard]] std::optional<std::vector<double>> numbers() const;
};

/// Refuses a tensor that does not have as many numbers as its shape says: engines read as many without checking.
/// @throws Error with errc::invalid_config
[[nodiscard]] OnnxTensor read_onnx_tensor(std::string_view bytes);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_TENSOR_H_
