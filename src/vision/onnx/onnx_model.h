#ifndef CONVEYOR_SRC_VISION_ONNX_ONNX_MODEL_H_
#define CONVEYOR_SRC_VISION_ONNX_ONNX_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "vision/onnx/onnx_tensor.h"

// What an ONNX file declares: engines do not report it, and do not notice shapes that do not match. Views live as long
// as the bytes that they were read from.

namespace conveyor::vision {

/// A value that a graph declares: an input, an output, or one that a node passes to another.
struct OnnxValue {
  std::string name = {};
  std::int64_t type = 0;  // onnx.TensorProto.DataType
  bool has_shape = false;
  std::vector<std::int64_t> shape = {};  // -1: not fixed
};

struct OnnxAttribute {
  std::string_view name = {};
  std::optional<std::int64_t> i = {};
  std::optional<float> f = {};
  std::string_view s = {};
  std::vector<std::int64_t> ints = {};
  std::optional<OnnxTensor> t = {};
};

struct OnnxNode {
  std::string_view name = {}, op = {}, domain = {};
  std::vector<std::string_view> inputs = {}, outputs = {};
  std::vector<OnnxAttribute> attributes = {};

  [[nodiscard]] const OnnxAttribute* attribute(std::string_view wanted) const;
  [[nodiscard]] std::int64_t integer(std::string_view wanted, std::int64_t otherwise) const;
  [[nodiscard]] std::string_view text(std::string_view wanted, std::string_view otherwise) const;
};

struct OnnxModel {
  std::map<std::string_view, std::int64_t> opsets = {};  // by domain; ONNX's own is ""
  std::vector<OnnxValue> inputs = {};                    // those to be filled at run time; weights are left out
  std::vector<OnnxValue> outputs = {};
  std::vector<OnnxValue> values = {};
  std::vector<OnnxNode> nodes = {};  // of the main graph; subgraphs of nodes are not included
  std::map<std::string_view, OnnxTensor> weights = {};
  std::map<std::string_view, std::string_view> metadata = {};  // what the exporter added
};

/// @throws Error with errc::invalid_config when the bytes are not a serialised onnx.ModelProto
[[nodiscard]] OnnxModel read_onnx_model(std::string_view bytes);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_ONNX_MODEL_H_
