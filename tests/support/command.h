#ifndef CONVEYOR_TESTS_SUPPORT_COMMAND_H_
#define CONVEYOR_TESTS_SUPPORT_COMMAND_H_

#include <google/protobuf/struct.pb.h>

#include <string>
#include <string_view>
#include <vector>

namespace conveyor::tests {

// Running the command on the broker of support/broker.h.

struct CommandResult {
  int code = -1;
  std::string output = {};
  std::string errors = {};
};

/// The program, the arguments, and the address of the broker.
[[nodiscard]] std::vector<std::string> command_with(std::vector<std::string> arguments);
/// Runs it to its end, with the arguments alone.
[[nodiscard]] CommandResult run_command(std::vector<std::string> arguments);
/// The same with the address of the broker.
[[nodiscard]] CommandResult run_command_with(std::vector<std::string> arguments);

/// An object that the command printed with --json.
class JsonLine {
 public:
  /// @throws std::runtime_error for a line that is no JSON object
  explicit JsonLine(const std::string& line);

  /// The value at a path such as "message.frame": text unquoted, numbers as written, null as "null"; "(none)": no such
  /// field.
  [[nodiscard]] std::string text(std::string_view path) const;
  /// @throws std::runtime_error where it is no number
  [[nodiscard]] double number(std::string_view path) const;

 private:
  google::protobuf::Struct object_;
};

[[nodiscard]] std::vector<std::string> lines_of(const std::string& text);
[[nodiscard]] std::vector<JsonLine> json_lines(const std::string& text);

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_COMMAND_H_
