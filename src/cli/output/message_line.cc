#include "cli/output/message_line.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <vector>

#include "cli/output/bytes.h"
#include "cli/output/json.h"
#include "conveyor/v1/image.pb.h"

namespace conveyor::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr int kDeepest = 100;  // as protobuf's parsers have it; what they read is not deeper
constexpr std::string_view kMetadataField = "_message_data";

template <class T>
void append_number(T number, std::string& out) {
  if constexpr (std::is_same_v<T, std::int32_t> || std::is_same_v<T, std::int64_t>) return append_decimal(number, out);
  fmt::format_to(std::back_inserter(out), "{}", number);
}

std::string_view enum_name(const FieldDescriptor& field, int number) {
  const auto* value = field.enum_type()->FindValueByNumber(number);
  return value != nullptr ? std::string_view(value->name()) : "";
}

/// One element of a field: of a repeated one by its index, of another with index -1.
struct Element {
  const Message& message;
  const FieldDescriptor& field;
  int index;

  [[nodiscard]] const Reflection& reflection() const { return *message.GetReflection(); }
  [[nodiscard]] std::string_view text(std::string& scratch) const {
    return index < 0 ? reflection().GetStringReference(message, &field, &scratch)
                     : reflection().GetRepeatedStringReference(message, &field, index, &scratch);
  }
  [[nodiscard]] const Message& child() const {
    return index < 0 ? reflection().GetMessage(message, &field)
                     : reflection().GetRepeatedMessage(message, &field, index);
  }
  [[nodiscard]] int enum_number() const {
    return index < 0 ? reflection().GetEnumValue(message, &field)
                     : reflection().GetRepeatedEnumValue(message, &field, index);
  }
  /// Calls visit with the number or bool.
  template <class Visit>
  void visit_number(Visit&& visit) const {
    const Reflection& r = reflection();
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return visit(index < 0 ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index));
      case FieldDescriptor::CPPTYPE_INT64:
        return visit(index < 0 ? r.GetInt64(message, &field) : r.GetRepeatedInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_UINT32:
        return visit(index < 0 ? r.GetUInt32(message, &field) : r.GetRepeatedUInt32(message, &field, index));
      case FieldDescriptor::CPPTYPE_UINT64:
        return visit(index < 0 ? r.GetUInt64(message, &field) : r.GetRepeatedUInt64(message, &field, index));
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return visit(index < 0 ? r.GetDouble(message, &field) : r.GetRepeatedDouble(message, &field, index));
      case FieldDescriptor::CPPTYPE_FLOAT:
        return visit(index < 0 ? r.GetFloat(message, &field) : r.GetRepeatedFloat(message, &field, index));
      case FieldDescriptor::CPPTYPE_BOOL:
        return visit(index < 0 ? r.GetBool(message, &field) : r.GetRepeatedBool(message, &field, index));
      default:
        return;
    }
  }
};

bool is_own(const Descriptor& type) { return type.full_name().starts_with("conveyor."); }

// Types whose JSON is not that of their fields.
bool has_json_of_its_own(const Descriptor& type) {
  return type.well_known_type() != Descriptor::WELLKNOWNTYPE_UNSPECIFIED;
}

class JsonWriter {
 public:
  JsonWriter(bool all_bytes, std::string& out) : all_bytes_(all_bytes), out_(out) {}

  void append(const Message& message, int depth = 0) {
    if (depth > kDeepest || has_json_of_its_own(*message.GetDescriptor())) return append_by_protobuf(message);
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    out_ += '{';
    bool first = true;
    for (const FieldDescriptor* field : fields) {
      if (!first) out_ += ',';
      first = false;
      append_json_string(out_, field->is_extension() ? "[" + field->full_name() + "]" : field->name());
      out_ += ':';
      append_field(message, *field, depth);
    }
    out_ += '}';
  }

 private:
  void append_by_protobuf(const Message& message) {
    std::string text;
    google::protobuf::util::JsonPrintOptions options;
    options.preserve_proto_field_names = true;
    const auto status = google::protobuf::util::MessageToJsonString(message, &text, options);
    // An Any whose type is not known, for one.
    if (!status.ok()) text = JsonObject().add("error", status.ToString()).text();
    out_ += text;
  }

  void append_field(const Message& message, const FieldDescriptor& field, int depth) {
    if (!field.is_repeated()) return append_value({message, field, -1}, depth);
    const int count = message.GetReflection()->FieldSize(message, &field);
    out_ += field.is_map() ? '{' : '[';
    for (int i = 0; i < count; ++i) {
      if (i > 0) out_ += ',';
      if (field.is_map()) {
        append_entry(message.GetReflection()->GetRepeatedMessage(message, &field, i), depth);
      } else {
        append_value({message, field, i}, depth);
      }
    }
    out_ += field.is_map() ? '}' : ']';
  }

  void append_entry(const Message& entry, int depth) {
    const FieldDescriptor& key = *entry.GetDescriptor()->map_key();
    const Element element{entry, key, -1};
    if (key.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
      append_value(element, depth);
    } else {
      out_ += '"';
      element.visit_number([&](auto number) { append_number(number, out_); });
      out_ += '"';
    }
    out_ += ':';
    append_value({entry, *entry.GetDescriptor()->map_value(), -1}, depth);
  }

  void append_value(const Element& element, int depth) {
    switch (element.field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return append(element.child(), depth + 1);
      case FieldDescriptor::CPPTYPE_STRING:
        return append_text(element);
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto name = enum_name(element.field, element.enum_number());
        if (name.empty()) return append_number(element.enum_number(), out_);
        return append_json_string(out_, name);
      }
      default:
        element.visit_number([&](auto number) { append_scalar(number); });
    }
  }

  void append_text(const Element& element) {
    std::string scratch;
    const std::string_view bytes = element.text(scratch);
    if (element.field.type() != FieldDescriptor::TYPE_BYTES) return append_json_string(out_, bytes);
    if (!all_bytes_ && is_own(*element.field.containing_type())) {
      fmt::format_to(std::back_inserter(out_), R"({{"bytes":{}}})", bytes.size());
      return;
    }
    out_ += '"';
    append_base64(bytes, out_);
    out_ += '"';
  }

  // Numbers of 64 bits are strings: JavaScript's numbers do not hold them.
  template <class T>
  void append_scalar(T number) {
    constexpr bool quoted = std::is_integral_v<T> && sizeof(T) == 8;
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(number)) return append_json_string(out_, "NaN");
      if (std::isinf(number)) return append_json_string(out_, number > 0 ? "Infinity" : "-Infinity");
    }
    if (quoted) out_ += '"';
    append_number(number, out_);
    if (quoted) out_ += '"';
  }

  const bool all_bytes_;
  std::string& out_;
};

class TextWriter {
 public:
  explicit TextWriter(std::string& out) : out_(out), begin_(out.size()) {}

  void append(const Message& message, int depth = 0) {
    if (message.GetDescriptor()->full_name() == v1::Image::descriptor()->full_name()) append_image(message);
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      if (field->name() == kMetadataField || is_of_image(*field)) continue;
      if (out_.size() > begin_ && out_.back() != '{' && out_.back() != ' ') out_ += ' ';
      out_ += field->name();
      append_field(message, *field, depth);
    }
  }

 private:
  // What <640x480 JPEG, 23 KiB> says.
  static bool is_of_image(const FieldDescriptor& field) {
    if (field.containing_type()->full_name() != v1::Image::descriptor()->full_name()) return false;
    const int number = field.number();
    return number == v1::Image::kImageDataFieldNumber || number == v1::Image::kWidthFieldNumber ||
           number == v1::Image::kHeightFieldNumber || number == v1::Image::kEncodingFieldNumber ||
           number == v1::Image::kPixelFormatFieldNumber || number == v1::Image::kBitDepthFieldNumber;
  }

  void append_image(const Message& message) {
    v1::Image image;
    if (message.GetDescriptor() == v1::Image::descriptor()) {
      append_image(static_cast<const v1::Image&>(message));
    } else if (image.ParseFromString(message.SerializeAsString())) {  // of a descriptor set
      append_image(image);
    }
  }
  void append_image(const v1::Image& image) {
    const std::string_view encoding = v1::ImageEncoding_Name(image.encoding());
    constexpr std::string_view kPrefix = "IMAGE_ENCODING_";
    const bool raw = image.encoding() == v1::IMAGE_ENCODING_UNSPECIFIED || !encoding.starts_with(kPrefix);
    if (image.width() > 0 || image.height() > 0) {
      fmt::format_to(std::back_inserter(out_), "<{}x{} ", image.width(), image.height());
    } else {
      out_ += '<';
    }
    out_ += raw ? "RAW" : encoding.substr(kPrefix.size());
    fmt::format_to(std::back_inserter(out_), ", {}>", size_text(image.image_data().size()));
  }

  void append_field(const Message& message, const FieldDescriptor& field, int depth) {
    if (!field.is_repeated()) {
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return append_child({message, field, -1}, depth);
      out_ += ": ";
      return append_value({message, field, -1});
    }
    out_ += ": [";
    const int count = message.GetReflection()->FieldSize(message, &field);
    for (int i = 0; i < count; ++i) {
      if (i > 0) out_ += ", ";
      const Element element{message, field, i};
      if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        append_child(element, depth);
      } else {
        append_value(element);
      }
    }
    out_ += ']';
  }

  void append_child(const Element& element, int depth) {
    if (element.index < 0) out_ += ' ';
    out_ += '{';
    if (depth < kDeepest) append(element.child(), depth + 1);
    out_ += '}';
  }

  void append_value(const Element& element) {
    switch (element.field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING: {
        std::string scratch;
        const std::string_view bytes = element.text(scratch);
        if (element.field.type() == FieldDescriptor::TYPE_BYTES) {
          fmt::format_to(std::back_inserter(out_), "<{}>", size_text(bytes.size()));
          return;
        }
        out_ += '"';
        append_printable(bytes, out_);
        out_ += '"';
        return;
      }
      case FieldDescriptor::CPPTYPE_ENUM: {
        const auto name = enum_name(element.field, element.enum_number());
        if (name.empty()) return append_number(element.enum_number(), out_);
        out_ += name;
        return;
      }
      default:
        element.visit_number([&](auto number) { append_number(number, out_); });
    }
  }

  std::string& out_;
  const std::size_t begin_;  // where the message begins in it
};

}  // namespace

void append_message_text(const Message& message, std::string& out) { TextWriter(out).append(message); }

void append_message_json(const Message& message, bool all_bytes, std::string& out) {
  JsonWriter(all_bytes, out).append(message);
}

}  // namespace conveyor::cli
