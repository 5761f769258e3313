#ifndef CONVEYOR_SRC_VISION_ONNX_PROTOBUF_FIELDS_H_
#define CONVEYOR_SRC_VISION_ONNX_PROTOBUF_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

// Reads serialised protobuf messages field by field, in place: looking at a model of two gigabytes copies nothing.

namespace conveyor::vision {

struct ProtobufField {
  enum class Type { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

  int number = 0;
  Type type = Type::kVarint;
  std::uint64_t value = 0;      // of a number; the bits of one of fixed size
  std::string_view bytes = {};  // of a string, a message, or packed numbers
  std::string_view whole = {};  // the field with its tag
};

/// The fields of a message, in their order.
class ProtobufFields {
 public:
  explicit ProtobufFields(std::string_view message) : message_(message) {}

  /// @return false at the end
  /// @throws Error with errc::invalid_config when the bytes are no message, or have groups, which ONNX does not use
  bool next(ProtobufField& field);

 private:
  std::uint64_t varint();
  std::uint64_t fixed(std::size_t size);

  std::string_view message_;
  std::size_t at_ = 0;
};

template <class F>
void for_each_field(std::string_view message, F each) {
  ProtobufFields fields(message);
  for (ProtobufField field; fields.next(field);) each(field);
}

/// The numbers of a repeated field of varints, packed or not: calls each(value).
template <class F>
void for_each_varint(const ProtobufField& field, F each) {
  if (field.type == ProtobufField::Type::kVarint) return each(field.value);
  // Packed varints are encoded as the varint fields of a message are, without the tags.
  for (std::size_t i = 0; i < field.bytes.size();) {
    std::uint64_t value = 0;
    for (int shift = 0; i < field.bytes.size(); shift += 7) {
      const auto byte = static_cast<unsigned char>(field.bytes[i++]);
      if (shift < 64) value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    each(value);
  }
}

/// Appends a field of bytes.
void append_field(std::string& message, int number, std::string_view bytes);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_PROTOBUF_FIELDS_H_
