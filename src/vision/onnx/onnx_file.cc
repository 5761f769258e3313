#include "vision/onnx/onnx_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "vision/onnx/onnx_tensor.h"
#include "vision/onnx/onnx_tree.h"
#include "vision/onnx/protobuf_fields.h"
#include "vision/read_file.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

namespace fs = std::filesystem;
using DataFiles = std::map<std::string, std::string, std::less<>>;  // bytes by location

constexpr int kRawData = 9, kExternalData = 13, kDataLocation = 14;  // of TensorProto

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

std::string quoted(std::string_view location) { return fmt::format("\"{}\"", to_utf8(location, 200)); }

/// Checks every tensor in a message. A field that should occur once must do so: protobuf merges repeated ones, and two
/// valid tensors could become one invalid tensor.
void collect_external(std::string_view message, OnnxMessage kind, int depth, std::vector<OnnxTensor>& external) {
  if (kind == OnnxMessage::kTensor) {
    if (OnnxTensor tensor = read_onnx_tensor(message); tensor.external) external.push_back(std::move(tensor));
    return;
  }
  if (kind == OnnxMessage::kGraph && ++depth > kMostOnnxGraphs) {
    invalid(fmt::format("its graphs lie more than {} deep in each other", kMostOnnxGraphs));
  }
  std::set<int> seen;
  for_each_field(message, [&](const ProtobufField& field) {
    const OnnxChild* child = onnx_child(kind, field.number);
    if (!child || field.type != ProtobufField::Type::kBytes) return;
    if (!child->repeated && !seen.insert(field.number).second) invalid("it is not an ONNX model");
    collect_external(field.bytes, child->kind, depth, external);
  });
}

bool is_below(const fs::path& file, const fs::path& folder) {
  const auto [end, rest] = std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
  return end == folder.end() && rest != file.end();
}

/// The path of a data file, with symbolic links resolved and checked.
fs::path find_data(const fs::path& model, std::string_view location) {
  const auto outside = [&] {
    invalid(
        fmt::format("its external data {} is not looked for outside of the model's folder; save it beside the "
                    "model, or the model as one file",
                    quoted(location)));
  };
  const fs::path relative = location;
  if (location.empty() || location.find('\0') != std::string_view::npos) invalid("its external data names no file");
  if (relative.is_absolute() || std::find(relative.begin(), relative.end(), "..") != relative.end()) outside();
  std::error_code error;
  const fs::path folder = fs::canonical(model.has_parent_path() ? model.parent_path() : fs::path("."), error);
  const fs::path own = error ? fs::path() : fs::canonical(model, error);
  const fs::path data = error ? fs::path() : fs::canonical(folder / relative, error);
  if (error) {
    invalid(fmt::format("its external data {} cannot be read: {}; the file belongs beside the model", quoted(location),
                        error.message()));
  }
  if (!is_below(data, folder) && !is_below(data, own.parent_path())) outside();
  return data;
}

DataFiles read_data(const fs::path& model, std::uintmax_t model_size, const std::vector<OnnxTensor>& external) {
  DataFiles files;
  std::uintmax_t left = kMaxModelBytes - model_size;
  for (const OnnxTensor& tensor : external) {
    if (files.contains(tensor.location)) continue;
    const fs::path data = find_data(model, tensor.location);
    try {
      const std::string& bytes = files[std::string(tensor.location)] = read_file(data, left);
      left -= bytes.size();
    } catch (const Error& error) {
      invalid(fmt::format("its external data {} cannot be used: {}", quoted(tensor.location), error.what()));
    }
  }
  return files;
}

std::string_view bytes_of(const OnnxTensor& tensor, const DataFiles& files) {
  const std::string_view file = files.find(tensor.location)->second;
  const std::uint64_t offset = tensor.offset.value_or(0), needed = tensor.bytes();
  if (tensor.length && *tensor.length != needed) {
    invalid(fmt::format("{} has {} bytes of external data; its shape and type need {}", tensor.title(), *tensor.length,
                        needed));
  }
  if (offset > file.size() || needed > file.size() - offset) {
    invalid(fmt::format("{} has its {} bytes at {} in {}, which ends at {}", tensor.title(), needed, offset,
                        quoted(tensor.location), file.size()));
  }
  return file.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(needed));
}

/// The message with the external bytes put into its tensors. @param more how many bytes that adds at most, to reserve
std::string joined(std::string_view message, OnnxMessage kind, const DataFiles& files, std::size_t more) {
  std::string whole;
  whole.reserve(message.size() + more);
  for_each_field(message, [&](const ProtobufField& field) {
    const OnnxChild* child = onnx_child(kind, field.number);
    if (!child || field.type != ProtobufField::Type::kBytes) {
      whole.append(field.whole);
    } else if (child->kind != OnnxMessage::kTensor) {
      append_field(whole, field.number,
                   joined(field.bytes, child->kind, files, kind == OnnxMessage::kModel ? more : 0));
    } else if (const OnnxTensor tensor = read_onnx_tensor(field.bytes); !tensor.external) {
      whole.append(field.whole);
    } else {
      std::string own;
      for_each_field(field.bytes, [&](const ProtobufField& part) {
        const bool replaced = part.number == kRawData || part.number == kExternalData || part.number == kDataLocation;
        if (!replaced) own.append(part.whole);
      });
      append_field(own, kRawData, bytes_of(tensor, files));
      append_field(whole, field.number, own);
    }
  });
  return whole;
}

}  // namespace

OnnxFile read_onnx_file(const fs::path& file) {
  OnnxFile read{.bytes = read_file(file, kMaxModelBytes)};
  std::vector<OnnxTensor> external;
  collect_external(read.bytes, OnnxMessage::kModel, 0, external);
  Sha256 digest;
  digest.add(read.bytes);
  if (!external.empty()) {
    const DataFiles files = read_data(file, read.bytes.size(), external);
    std::uint64_t more = 0;
    constexpr std::size_t kFieldHead = 16;  // more than its tag and length take
    for (const OnnxTensor& tensor : external) more += bytes_of(tensor, files).size() + kFieldHead;
    if (more > kMaxModelBytes - read.bytes.size()) {
      invalid(fmt::format("it has {} bytes with its external data; {} are the most", read.bytes.size() + more,
                          kMaxModelBytes));
    }
    read.bytes = joined(read.bytes, OnnxMessage::kModel, files, static_cast<std::size_t>(more));
    for (const auto& [location, bytes] : files) digest.add(bytes);
  }
  read.sha256 = digest.hex();
  return read;
}

}  // namespace conveyor::vision
