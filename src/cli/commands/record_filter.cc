#include "cli/commands/record_filter.h"

#include <fmt/format.h>
#include <google/protobuf/descriptor.h>

#include <algorithm>
#include <charconv>
#include <type_traits>

#include "base/edit_distance.h"
#include "cli/message_types.h"
#include "codec/decode.h"

namespace conveyor::cli {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

template <class T>
bool number_is(T number, std::string_view wanted) {
  if constexpr (std::is_same_v<T, bool>) {
    return wanted == (number ? "true" : "false");
  } else {
    T read{};
    const auto [end, error] = std::from_chars(wanted.data(), wanted.data() + wanted.size(), read);
    return error == std::errc() && end == wanted.data() + wanted.size() && read == number;
  }
}

/// The value of a field; `index` -1: of one that is not repeated.
bool value_is(const Message& message, const FieldDescriptor& field, int index, std::string_view wanted) {
  const auto& r = *message.GetReflection();
  const bool one = index < 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return number_is(one ? r.GetInt32(message, &field) : r.GetRepeatedInt32(message, &field, index), wanted);
    case FieldDescriptor::CPPTYPE_INT64:
      return number_is(one ? r.GetInt64(message, &field) : r.GetRepeatedInt64(message, &field, index), wanted);
    case FieldDescriptor::CPPTYPE_UINT32:
      return number_is(one ? r.GetUInt32(message, &field) : r.GetRepeatedUInt32(message, &field, index), wanted);
    case FieldDescriptor::CPPTYPE_UINT64:
      return number_is(one ? r.GetUInt64(message, &field) : r.GetRepeatedUInt64(message, &field, index), wanted);
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return number_is(one ? r.GetDouble(message, &field) : r.GetRepeatedDouble(message, &field, index), wanted);
    case FieldDescriptor::CPPTYPE_FLOAT:
      return number_is(one ? r.GetFloat(message, &field) : r.GetRepeatedFloat(message, &field, index), wanted);
    case FieldDescriptor::CPPTYPE_BOOL:
      return number_is(one ? r.GetBool(message, &field) : r.GetRepeatedBool(message, &field, index), wanted);
    case FieldDescriptor::CPPTYPE_STRING:
      return (one ? r.GetString(message, &field) : r.GetRepeatedString(message, &field, index)) == wanted;
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int number = one ? r.GetEnumValue(message, &field) : r.GetRepeatedEnumValue(message, &field, index);
      const auto* value = field.enum_type()->FindValueByNumber(number);
      return (value != nullptr && value->name() == wanted) || number_is(number, wanted);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return false;
  }
  return false;
}

bool field_is(const Message& message, std::string_view path, std::string_view wanted) {
  const std::size_t dot = path.find('.');
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr) return false;
  const auto& reflection = *message.GetReflection();
  const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
  for (int i = 0; i < count; ++i) {
    const int index = field->is_repeated() ? i : -1;
    if (dot == path.npos) {
      if (value_is(message, *field, index, wanted)) return true;
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const Message& child =
          index < 0 ? reflection.GetMessage(message, field) : reflection.GetRepeatedMessage(message, field, index);
      if (field_is(child, path.substr(dot + 1), wanted)) return true;
    }
  }
  return false;
}

// @return why no message of the type has a value at the path; empty: it may have
std::string check_path(const Descriptor& type, std::string_view path) {
  const std::size_t dot = path.find('.');
  const std::string name(path.substr(0, dot));
  const FieldDescriptor* field = type.FindFieldByName(name);
  if (field == nullptr) {
    std::vector<std::string> names;
    for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
    return fmt::format("{} has no field {}{}", type.full_name(), name,
                       names.empty() ? "" : fmt::format("; did you mean {}?", closest(name, names)));
  }
  const bool has_fields = field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
  if (dot == path.npos) return has_fields ? fmt::format("{} is a message: name one of its fields", name) : "";
  return has_fields ? check_path(*field->message_type(), path.substr(dot + 1))
                    : fmt::format("{} is no message, and has no fields", name);
}

}  // namespace

std::optional<NameAndValue> parse_name_and_value(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == text.npos || equals == 0) return {};
  return NameAndValue{text.substr(0, equals), text.substr(equals + 1)};
}

bool RecordFilter::wants(const Record& record, const Message* message) const {
  if (key && record.key != key) return false;
  const auto has_header = [&](const NameAndValue& wanted) {
    return std::ranges::any_of(record.headers, [&](const Header& header) {
      return header.name == wanted.first && !header.is_null && header.value == wanted.second;
    });
  };
  if (!std::ranges::all_of(headers, has_header)) return false;
  if (!trace.empty()) {
    const std::string in_message = message != nullptr ? trace_id_in(*message) : std::string();
    if (codec::trace_of(record, in_message).id.view() != trace) return false;
  }
  return std::ranges::all_of(fields, [&](const NameAndValue& wanted) {
    return message != nullptr && field_is(*message, wanted.first, wanted.second);
  });
}

std::string RecordFilter::check_fields(const Message& message) const {
  for (const auto& [path, value] : fields) {
    if (const auto why = check_path(*message.GetDescriptor(), path); !why.empty()) return why;
  }
  return {};
}

}  // namespace conveyor::cli
