#ifndef CONVEYOR_TESTS_UNIT_VISION_ONNX_WRITER_H_
#define CONVEYOR_TESTS_UNIT_VISION_ONNX_WRITER_H_

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// ONNX models written by hand, field by field (onnx.proto of onnx/onnx on GitHub): whole ones, and such as no exporter
// writes.

namespace conveyor::vision::onnx_writer {

inline std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}
inline std::string number(int field, std::int64_t value) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(static_cast<std::uint64_t>(value));
}
inline std::string bytes(int field, std::string_view value) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(value.size()).append(value);
}

template <class T>
std::string little_endian(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

using Shape = std::vector<std::int64_t>;

/// A TensorProto but for its numbers.
inline std::string tensor_head(std::string_view name, int type, const Shape& shape) {
  std::string tensor;
  for (const std::int64_t side : shape) tensor += number(1, side);
  return tensor + number(2, type) + bytes(8, name);
}
inline std::string floats(std::string_view name, const Shape& shape, const std::vector<float>& values) {
  return tensor_head(name, 1, shape) + bytes(9, little_endian(values));
}
inline std::string integers(std::string_view name, const Shape& shape, const std::vector<std::int64_t>& values) {
  return tensor_head(name, 7, shape) + bytes(9, little_endian(values));
}
/// Whose numbers are in another file.
inline std::string external(std::string_view name, int type, const Shape& shape,
                            const std::vector<std::pair<std::string, std::string>>& entries) {
  std::string tensor = tensor_head(name, type, shape) + number(14, 1);
  for (const auto& [key, value] : entries) tensor += bytes(13, bytes(1, key) + bytes(2, value));
  return tensor;
}

// AttributeProto
inline std::string attribute(std::string_view name, std::int64_t value) {
  return bytes(1, name) + number(3, value) + number(20, 2);
}
inline std::string attribute(std::string_view name, int value) { return attribute(name, std::int64_t{value}); }
inline std::string attribute(std::string_view name, float value) {
  std::string text = bytes(1, name);
  text.push_back(2 << 3 | 5);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) text.push_back(static_cast<char>(bits >> shift));
  return text + number(20, 1);
}
inline std::string attribute(std::string_view name, const char* value) {
  return bytes(1, name) + bytes(4, value) + number(20, 3);
}
inline std::string attribute(std::string_view name, const Shape& values) {
  std::string text = bytes(1, name);
  for (const std::int64_t value : values) text += number(8, value);
  return text + number(20, 7);
}
inline std::string tensor_attribute(std::string_view name, std::string_view tensor) {
  return bytes(1, name) + bytes(5, tensor) + number(20, 4);
}

inline std::string node(std::string_view op, const std::vector<std::string>& inputs,
                        const std::vector<std::string>& outputs, const std::vector<std::string>& attributes = {},
                        std::string_view domain = "") {
  std::string text;
  for (const std::string& input : inputs) text += bytes(1, input);
  for (const std::string& output : outputs) text += bytes(2, output);
  text += bytes(4, op);
  for (const std::string& each : attributes) text += bytes(5, each);
  return domain.empty() ? text : text + bytes(7, domain);
}

/// A ValueInfoProto; -1 leaves a side open.
inline std::string value(std::string_view name, int type, const Shape& shape) {
  std::string sides;
  for (const std::int64_t side : shape) sides += bytes(1, side < 0 ? bytes(2, "open") : number(1, side));
  return bytes(1, name) + bytes(2, bytes(1, number(1, type) + bytes(2, sides)));
}

struct Graph {
  std::vector<std::string> nodes = {};
  std::vector<std::string> weights = {};
  std::vector<std::string> inputs = {};
  std::vector<std::string> outputs = {};

  [[nodiscard]] std::string text() const {
    std::string graph;
    for (const std::string& node : nodes) graph += bytes(1, node);
    graph += bytes(2, "graph");
    for (const std::string& weight : weights) graph += bytes(5, weight);
    for (const std::string& input : inputs) graph += bytes(11, input);
    for (const std::string& output : outputs) graph += bytes(12, output);
    return graph;
  }
};

inline std::string model(std::string_view graph, int opset = 13) {
  return number(1, 8) + bytes(7, graph) + bytes(8, number(2, opset));
}
/// An entry of a model's metadata, to be added to the model.
inline std::string metadata(std::string_view key, std::string_view value) {
  return bytes(14, bytes(1, key) + bytes(2, value));
}

}  // namespace conveyor::vision::onnx_writer

#endif  // CONVEYOR_TESTS_UNIT_VISION_ONNX_WRITER_H_
