#ifndef CONVEYOR_SRC_CLI_OUTPUT_JSON_H_
#define CONVEYOR_SRC_CLI_OUTPUT_JSON_H_

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace conveyor::cli {

/// The bytes as a JSON string with its quotes; bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_string(std::string_view bytes);

/// Appends what json_string() returns. Text without anything to escape is copied at once.
void append_json_string(std::string& out, std::string_view bytes);

/// A JSON object on one line, its fields in the order in which they were added.
class JsonObject {
 public:
  JsonObject& add(std::string_view name, std::string_view text) { return add_json(name, json_string(text)); }
  JsonObject& add(std::string_view name, const char* text) { return add(name, std::string_view(text)); }
  JsonObject& add(std::string_view name, const std::string& text) { return add(name, std::string_view(text)); }
  JsonObject& add(std::string_view name, std::same_as<bool> auto value) {
    return add_json(name, value ? "true" : "false");
  }
  template <std::integral T>
  requires(!std::same_as<T, bool>) JsonObject& add(std::string_view name, T value) {
    return add_json(name, std::to_string(value));
  }
  /// null where there is no value
  template <class T>
  JsonObject& add(std::string_view name, const std::optional<T>& value) {
    return value ? add(name, *value) : add_json(name, "null");
  }
  /// @param json written unchanged
  JsonObject& add_json(std::string_view name, std::string_view json);

  /// The object without a line end.
  [[nodiscard]] std::string text() const { return text_ + '}'; }

 private:
  std::string text_ = "{";
};

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_OUTPUT_JSON_H_
