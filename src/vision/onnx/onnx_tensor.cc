#include "vision/onnx/onnx_tensor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <map>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "vision/onnx/protobuf_fields.h"
#include "vision/read_file.h"

namespace conveyor::vision {
namespace {

using Type = ProtobufField::Type;

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

// Field numbers of onnx.proto (onnx/onnx on GitHub); they never change.
enum TensorField {
  kDims = 1,
  kDataType = 2,
  kFloatData = 4,
  kInt32Data = 5,
  kStringData = 6,
  kInt64Data = 7,
  kName = 8,
  kRawData = 9,
  kDoubleData = 10,
  kUint64Data = 11,
  kExternalData = 13,
  kDataLocation = 14,
};
constexpr std::uint64_t kExternal = 1;

/// How a tensor stores numbers of a type: the bits of one in raw_data; or the typed field that may hold them instead,
/// and how many entries of it make how many numbers.
struct Layout {
  const char* name;
  std::uint64_t bits;
  int field;
  std::uint64_t entries = 1, of = 1;
};

// By onnx.TensorProto.DataType.
constexpr std::array<Layout, 27> kLayouts = {{{"undefined", 0, 0},
                                              {"float", 32, kFloatData},
                                              {"uint8", 8, kInt32Data},
                                              {"int8", 8, kInt32Data},
                                              {"uint16", 16, kInt32Data},
                                              {"int16", 16, kInt32Data},
                                              {"int32", 32, kInt32Data},
                                              {"int64", 64, kInt64Data},
                                              {"string", 0, kStringData},
                                              {"bool", 8, kInt32Data},
                                              {"float16", 16, kInt32Data},
                                              {"double", 64, kDoubleData},
                                              {"uint32", 32, kUint64Data},
                                              {"uint64", 64, kUint64Data},
                                              {"complex64", 64, kFloatData, 2},
                                              {"complex128", 128, kDoubleData, 2},
                                              {"bfloat16", 16, kInt32Data},
                                              {"float8e4m3fn", 8, kInt32Data},
                                              {"float8e4m3fnuz", 8, kInt32Data},
                                              {"float8e5m2", 8, kInt32Data},
                                              {"float8e5m2fnuz", 8, kInt32Data},
                                              {"uint4", 4, kInt32Data, 1, 2},
                                              {"int4", 4, kInt32Data, 1, 2},
                                              {"float4e2m1", 4, kInt32Data, 1, 2},
                                              {"float8e8m0", 8, kInt32Data},
                                              {"uint2", 2, kInt32Data, 1, 4},
                                              {"int2", 2, kInt32Data, 1, 4}}};

const Layout* layout_of(std::int64_t type) {
  return type > 0 && type < static_cast<std::int64_t>(kLayouts.size()) ? &kLayouts[static_cast<std::size_t>(type)]
                                                                       : nullptr;
}

std::uint64_t entries_in(const ProtobufField& field) {
  if (field.type != Type::kBytes || field.number == kStringData) return 1;
  if (field.number == kFloatData) return field.bytes.size() / 4;
  if (field.number == kDoubleData) return field.bytes.size() / 8;
  return static_cast<std::uint64_t>(
      std::count_if(field.bytes.begin(), field.bytes.end(), [](char byte) { return (byte & 0x80) == 0; }));
}

std::uint64_t whole_number(const OnnxTensor& tensor, std::string_view key, std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    invalid(fmt::format("the external data of {}: its {} is \"{}\", no number of bytes", tensor.title(), key,
                        to_utf8(text, 40)));
  }
  return number;
}

void read_external_entry(std::string_view bytes, OnnxTensor& tensor) {
  std::string_view key, value;
  for_each_field(bytes, [&](const ProtobufField& field) {
    if (field.number == 1) key = field.bytes;
    if (field.number == 2) value = field.bytes;
  });
  if (key == "location") tensor.location = value;
  if (key == "offset") tensor.offset = whole_number(tensor, key, value);
  if (key == "length") tensor.length = whole_number(tensor, key, value);
}

void check_numbers(const OnnxTensor& tensor, const std::map<int, std::uint64_t>& entries) {
  const Layout& layout = *layout_of(tensor.type);
  const bool raw = !tensor.raw.empty();
  if (raw && layout.bits == 0) invalid(fmt::format("{} has strings as raw bytes", tensor.title()));
  const std::uint64_t needed = raw ? tensor.bytes() : (tensor.elements() * layout.entries + layout.of - 1) / layout.of;
  std::uint64_t has = raw ? tensor.raw.size() : 0;
  for (const auto& [field, count] : entries) {
    if (raw || field != layout.field)
      invalid(fmt::format("{} has its numbers twice, or as another type", tensor.title()));
    has = count;
  }
  if (has != needed) {
    invalid(fmt::format("{} has {} {}; its shape and type need {}", tensor.title(), has, raw ? "bytes" : "numbers",
                        needed));
  }
}

}  // namespace

std::string onnx_type_name(std::int64_t type) {
  const Layout* layout = layout_of(type);
  return layout ? layout->name : fmt::format("type {}", type);
}

std::string OnnxTensor::title() const { return fmt::format("tensor \"{}\"", to_utf8(name, 100)); }

std::uint64_t OnnxTensor::elements() const {
  constexpr std::size_t kMostSides = 32;  // cv::Mat's
  if (shape.size() > kMostSides) invalid(fmt::format("{} has {} dimensions", title(), shape.size()));
  std::uint64_t all = 1;
  bool empty = false;
  for (const std::int64_t side : shape) {
    if (side < 0) invalid(fmt::format("{} has a side of {}", title(), side));
    empty = empty || side == 0;
    if (side == 0) continue;
    constexpr std::uint64_t kMost = 4 * kMaxModelBytes;  // of two bits each
    if (static_cast<std::uint64_t>(side) > kMost / all) {
      invalid(fmt::format("{} has more numbers than a model file can hold", title()));
    }
    all *= static_cast<std::uint64_t>(side);
  }
  return empty ? 0 : all;
}

std::uint64_t OnnxTensor::bytes() const {
  const Layout* layout = layout_of(type);
  if (!layout || layout->bits == 0) invalid(fmt::format("{} is of {}, not of numbers", title(), onnx_type_name(type)));
  return (elements() * layout->bits + 7) / 8;
}

std::optional<std::vector<double>> OnnxTensor::numbers() const {
  constexpr std::uint64_t kMost = 64;
  if ((type != kOnnxFloat && type != kOnnxInt64 && type != kOnnxInt32) || external || elements() > kMost) return {};
  std::vector<double> numbers;
  if (raw.empty() && type != kOnnxFloat) {
    for_each_varint({.type = Type::kBytes, .bytes = typed}, [&](std::uint64_t value) {
      numbers.push_back(static_cast<double>(static_cast<std::int64_t>(value)));
    });
  }
  const std::string_view packed = raw.empty() && type == kOnnxFloat ? typed : raw;
  const std::size_t size = type == kOnnxInt64 ? 8 : 4;
  for (std::size_t at = 0; at + size <= packed.size(); at += size) {
    std::uint64_t bits = 0;
    for (std::size_t i = size; i-- > 0;) bits = bits << 8 | static_cast<unsigned char>(packed[at + i]);
    if (type == kOnnxInt64) numbers.push_back(static_cast<double>(static_cast<std::int64_t>(bits)));
    if (type == kOnnxInt32) numbers.push_back(static_cast<std::int32_t>(bits));
    if (type == kOnnxFloat)
      numbers.push_back(static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits))));
  }
  if (numbers.size() != elements()) return {};  // they are not packed
  return numbers;
}

OnnxTensor read_onnx_tensor(std::string_view bytes) {
  OnnxTensor tensor;
  std::map<int, std::uint64_t> entries;
  std::vector<std::string_view> external;
  for_each_field(bytes, [&](const ProtobufField& field) {
    switch (field.number) {
      case kDims:
        for_each_varint(field, [&](std::uint64_t side) { tensor.shape.push_back(static_cast<std::int64_t>(side)); });
        break;
      case kDataType:
        tensor.type = static_cast<std::int32_t>(field.value);
        break;
      case kName:
        tensor.name = field.bytes;
        break;
      case kRawData:
        tensor.raw = field.bytes;
        break;
      case kExternalData:
        external.push_back(field.bytes);
        break;
      case kDataLocation:
        tensor.external = field.value == kExternal;
        break;
      case kFloatData:
      case kInt32Data:
      case kStringData:
      case kInt64Data:
      case kDoubleData:
      case kUint64Data:
        if (const std::uint64_t count = entries_in(field); count > 0) entries[field.number] += count;
        if (field.type == Type::kBytes && field.number != kStringData) tensor.typed = field.bytes;
        break;
      default:
        break;
    }
  });
  if (!layout_of(tensor.type)) invalid(fmt::format("{} is of {}, which is not known", tensor.title(), tensor.type));
  if (tensor.external) {
    for (const std::string_view entry : external) read_external_entry(entry, tensor);
  } else {
    check_numbers(tensor, entries);
  }
  return tensor;
}

}  // namespace conveyor::vision
