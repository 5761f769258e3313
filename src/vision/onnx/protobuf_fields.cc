#include "vision/onnx/protobuf_fields.h"

#include "conveyor/error.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void broken() { throw Error(errc::invalid_config, "it is not an ONNX model"); }

void append_varint(std::string& message, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) message.push_back(static_cast<char>(value | 0x80));
  message.push_back(static_cast<char>(value));
}

}  // namespace

std::uint64_t ProtobufFields::varint() {
  std::uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (at_ == message_.size()) broken();
    const auto byte = static_cast<unsigned char>(message_[at_++]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  broken();
}

std::uint64_t ProtobufFields::fixed(std::size_t size) {
  if (message_.size() - at_ < size) broken();
  std::uint64_t value = 0;
  for (std::size_t i = size; i-- > 0;) value = value << 8 | static_cast<unsigned char>(message_[at_ + i]);
  at_ += size;
  return value;
}

bool ProtobufFields::next(ProtobufField& field) {
  if (at_ == message_.size()) return false;
  const std::size_t begin = at_;
  const std::uint64_t tag = varint();
  constexpr std::uint64_t kMostTag = 0xffff'ffff;
  if (tag > kMostTag || tag >> 3 == 0) broken();
  field = {.number = static_cast<int>(tag >> 3), .type = static_cast<ProtobufField::Type>(tag & 7)};
  switch (field.type) {
    case ProtobufField::Type::kVarint:
      field.value = varint();
      break;
    case ProtobufField::Type::kFixed64:
      field.value = fixed(8);
      break;
    case ProtobufField::Type::kFixed32:
      field.value = fixed(4);
      break;
    case ProtobufField::Type::kBytes: {
      const std::uint64_t size = varint();
      if (size > message_.size() - at_) broken();
      field.bytes = message_.substr(at_, static_cast<std::size_t>(size));
      at_ += field.bytes.size();
      break;
    }
    default:
      broken();
  }
  field.whole = message_.substr(begin, at_ - begin);
  return true;
}

void append_field(std::string& message, int number, std::string_view bytes) {
  append_varint(message, static_cast<std::uint64_t>(number) << 3 | 2);
  append_varint(message, bytes.size());
  message.append(bytes);
}

}  // namespace conveyor::vision
