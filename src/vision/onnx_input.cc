#include "vision/onnx_input.h"

#include <google/protobuf/unknown_field_set.h>

#include <limits>
#include <memory>
#include <set>

#include "conveyor/error.h"

namespace conveyor::vision {
namespace {

using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

// Field numbers of onnx.proto (onnx/onnx on GitHub); they never change.
constexpr int kModelGraph = 7;
constexpr int kGraphInitializer = 5, kGraphInput = 11;
constexpr int kTensorName = 8;
constexpr int kValueName = 1, kValueType = 2;
constexpr int kTypeTensor = 1;
constexpr int kTensorTypeElement = 1, kTensorTypeShape = 2;
constexpr int kShapeDimension = 1;
constexpr int kDimensionValue = 1;

std::unique_ptr<UnknownFieldSet> parse(std::string_view bytes) {
  auto fields = std::make_unique<UnknownFieldSet>();
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max()) ||
      !fields->ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    throw Error(errc::invalid_config, "it is not an ONNX model");
  }
  return fields;
}

/// Calls each(bytes) for the sub-messages and strings of that number.
template <class F>
void for_each(const UnknownFieldSet& fields, int number, F each) {
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    if (field.number() == number && field.type() == UnknownField::TYPE_LENGTH_DELIMITED) {
      each(std::string_view(field.length_delimited()));
    }
  }
}

std::int64_t integer(const UnknownFieldSet& fields, int number, std::int64_t otherwise) {
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    if (field.number() == number && field.type() == UnknownField::TYPE_VARINT) {
      return static_cast<std::int64_t>(field.varint());
    }
  }
  return otherwise;
}

OnnxInput read_input(std::string_view bytes) {
  OnnxInput input;
  const auto value = parse(bytes);
  for_each(*value, kValueName, [&](std::string_view name) { input.name = name; });
  for_each(*value, kValueType, [&](std::string_view type) {
    for_each(*parse(type), kTypeTensor, [&](std::string_view tensor_bytes) {
      const auto tensor = parse(tensor_bytes);
      input.element_type = integer(*tensor, kTensorTypeElement, 0);
      for_each(*tensor, kTensorTypeShape, [&](std::string_view shape) {
        for_each(*parse(shape), kShapeDimension, [&](std::string_view dimension) {
          const std::int64_t size = integer(*parse(dimension), kDimensionValue, -1);
          input.shape.push_back(size > 0 ? size : -1);
        });
      });
    });
  });
  return input;
}

}  // namespace

std::vector<OnnxInput> onnx_inputs(std::string_view model) {
  std::vector<OnnxInput> inputs;
  std::set<std::string, std::less<>> weights;
  bool has_graph = false;
  for_each(*parse(model), kModelGraph, [&](std::string_view graph_bytes) {
    has_graph = true;
    const auto graph = parse(graph_bytes);
    for_each(*graph, kGraphInitializer, [&](std::string_view tensor) {
      for_each(*parse(tensor), kTensorName, [&](std::string_view name) { weights.emplace(name); });
    });
    for_each(*graph, kGraphInput, [&](std::string_view input) { inputs.push_back(read_input(input)); });
  });
  if (!has_graph) throw Error(errc::invalid_config, "it is not an ONNX model");
  std::erase_if(inputs, [&](const OnnxInput& input) { return weights.contains(input.name); });
  return inputs;
}

}  // namespace conveyor::vision
