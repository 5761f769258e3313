#include "vision/onnx/onnx_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "conveyor/error.h"
#include "vision/onnx/protobuf_fields.h"

namespace conveyor::vision {
namespace {

using Type = ProtobufField::Type;

// Field numbers of onnx.proto (onnx/onnx on GitHub); they never change.
namespace model_field {
enum { kGraph = 7, kOpset = 8, kMetadata = 14 };
}
namespace graph_field {
enum { kNode = 1, kInitializer = 5, kInput = 11, kOutput = 12, kValue = 13 };
}
namespace node_field {
enum { kInput = 1, kOutput = 2, kName = 3, kOp = 4, kAttribute = 5, kDomain = 7 };
}
namespace attribute_field {
enum { kName = 1, kF = 2, kI = 3, kS = 4, kT = 5, kInts = 8 };
}

constexpr std::size_t kMostNodes = 100'000;
constexpr std::size_t kMostSides = 64;

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

/// Calls each(field) for the fields of that number that are bytes.
template <class F>
void for_each_part(std::string_view message, int number, F each) {
  for_each_field(message, [&](const ProtobufField& field) {
    if (field.number == number && field.type == Type::kBytes) each(field.bytes);
  });
}

/// A dimension of a TensorShapeProto; -1 where it has a name instead of a number, or neither.
std::int64_t read_side(std::string_view dimension) {
  std::int64_t side = -1;
  for_each_field(dimension, [&](const ProtobufField& field) {
    if (field.number == 1 && field.type == Type::kVarint) side = static_cast<std::int64_t>(field.value);
  });
  return side > 0 ? side : -1;
}

OnnxValue read_value(std::string_view bytes) {
  OnnxValue value;
  for_each_part(bytes, 1, [&](std::string_view name) { value.name = name; });
  for_each_part(bytes, 2, [&](std::string_view type) {
    for_each_part(type, 1, [&](std::string_view tensor) {
      for_each_field(tensor, [&](const ProtobufField& field) {
        if (field.number == 1 && field.type == Type::kVarint) value.type = static_cast<std::int64_t>(field.value);
        if (field.number != 2 || field.type != Type::kBytes) return;
        value.has_shape = true;
        for_each_part(field.bytes, 1, [&](std::string_view side) {
          if (value.shape.size() == kMostSides) invalid(fmt::format("a value has over {} dimensions", kMostSides));
          value.shape.push_back(read_side(side));
        });
      });
    });
  });
  return value;
}

OnnxAttribute read_attribute(std::string_view bytes) {
  OnnxAttribute attribute;
  for_each_field(bytes, [&](const ProtobufField& field) {
    switch (field.number) {
      case attribute_field::kName:
        attribute.name = field.bytes;
        break;
      case attribute_field::kF:
        attribute.f = std::bit_cast<float>(static_cast<std::uint32_t>(field.value));
        break;
      case attribute_field::kI:
        attribute.i = static_cast<std::int64_t>(field.value);
        break;
      case attribute_field::kS:
        attribute.s = field.bytes;
        break;
      case attribute_field::kT:
        attribute.t = read_onnx_tensor(field.bytes);
        break;
      case attribute_field::kInts:
        for_each_varint(field, [&](std::uint64_t value) {
          if (attribute.ints.size() < kMostSides) attribute.ints.push_back(static_cast<std::int64_t>(value));
        });
        break;
      default:
        break;
    }
  });
  return attribute;
}

OnnxNode read_node(std::string_view bytes) {
  constexpr std::size_t kMost = 4096;
  OnnxNode node;
  for_each_field(bytes, [&](const ProtobufField& field) {
    if (field.type != Type::kBytes) return;
    if (field.number == node_field::kInput) node.inputs.push_back(field.bytes);
    if (field.number == node_field::kOutput) node.outputs.push_back(field.bytes);
    if (field.number == node_field::kName) node.name = field.bytes;
    if (field.number == node_field::kOp) node.op = field.bytes;
    if (field.number == node_field::kDomain) node.domain = field.bytes;
    if (field.number == node_field::kAttribute) node.attributes.push_back(read_attribute(field.bytes));
    if (node.inputs.size() + node.outputs.size() + node.attributes.size() > kMost) {
      invalid(fmt::format("a node has over {} inputs, outputs and attributes", kMost));
    }
  });
  if (node.domain == "ai.onnx") node.domain = "";
  return node;
}

void read_graph(std::string_view bytes, OnnxModel& model) {
  for_each_field(bytes, [&](const ProtobufField& field) {
    if (field.type != Type::kBytes) return;
    switch (field.number) {
      case graph_field::kNode:
        if (model.nodes.size() == kMostNodes) invalid(fmt::format("it has over {} nodes", kMostNodes));
        model.nodes.push_back(read_node(field.bytes));
        break;
      case graph_field::kInitializer: {
        OnnxTensor tensor = read_onnx_tensor(field.bytes);
        model.weights.insert_or_assign(tensor.name, std::move(tensor));
        break;
      }
      case graph_field::kInput:
        model.inputs.push_back(read_value(field.bytes));
        break;
      case graph_field::kOutput:
        model.outputs.push_back(read_value(field.bytes));
        break;
      case graph_field::kValue:
        model.values.push_back(read_value(field.bytes));
        break;
      default:
        break;
    }
  });
  std::erase_if(model.inputs, [&](const OnnxValue& input) { return model.weights.contains(input.name); });
}

void read_opset(std::string_view bytes, OnnxModel& model) {
  std::string_view domain;
  std::int64_t version = 0;
  for_each_field(bytes, [&](const ProtobufField& field) {
    if (field.number == 1) domain = field.bytes;
    if (field.number == 2) version = static_cast<std::int64_t>(field.value);
  });
  model.opsets[domain == "ai.onnx" ? "" : domain] = version;
}

void read_metadata(std::string_view bytes, OnnxModel& model) {
  std::string_view key, value;
  for_each_part(bytes, 1, [&](std::string_view text) { key = text; });
  for_each_part(bytes, 2, [&](std::string_view text) { value = text; });
  model.metadata[key] = value;
}

}  // namespace

const OnnxAttribute* OnnxNode::attribute(std::string_view wanted) const {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.name == wanted; });
  return found == attributes.end() ? nullptr : &*found;
}

std::int64_t OnnxNode::integer(std::string_view wanted, std::int64_t otherwise) const {
  const OnnxAttribute* found = attribute(wanted);
  return found && found->i ? *found->i : otherwise;
}

std::string_view OnnxNode::text(std::string_view wanted, std::string_view otherwise) const {
  const OnnxAttribute* found = attribute(wanted);
  return found && !found->s.empty() ? found->s : otherwise;
}

OnnxModel read_onnx_model(std::string_view bytes) {
  OnnxModel model;
  bool has_graph = false;
  for_each_field(bytes, [&](const ProtobufField& field) {
    if (field.type != Type::kBytes) return;
    if (field.number == model_field::kGraph) {
      has_graph = true;
      read_graph(field.bytes, model);
    }
    if (field.number == model_field::kOpset) read_opset(field.bytes, model);
    if (field.number == model_field::kMetadata) read_metadata(field.bytes, model);
  });
  if (!has_graph) invalid("it is not an ONNX model");
  return model;
}

}  // namespace conveyor::vision
