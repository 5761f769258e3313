#include "support/command.h"

#include <google/protobuf/util/json_util.h>

#include <chrono>
#include <sstream>
#include <stdexcept>

#include "support/broker.h"
#include "unit/cli/child.h"

namespace conveyor::tests {
namespace {

using google::protobuf::Value;

std::string text_of(const Value& value) {
  if (value.kind_case() == Value::kStringValue) return value.string_value();
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(value, &json).ok()) throw std::runtime_error("no JSON value");
  return json;
}

CommandResult run(const std::vector<std::string>& command) {
  Child child(command);
  const int code = child.wait(std::chrono::seconds(60));
  return {code, child.output(), child.errors()};
}

}  // namespace

std::vector<std::string> command_with(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CONVEYOR_COMMAND);
  arguments.insert(arguments.end(), {"--bootstrap-servers", bootstrap_servers()});
  return arguments;
}

CommandResult run_command(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), CONVEYOR_COMMAND);
  return run(arguments);
}

CommandResult run_command_with(std::vector<std::string> arguments) { return run(command_with(std::move(arguments))); }

JsonLine::JsonLine(const std::string& line) {
  if (!google::protobuf::util::JsonStringToMessage(line, &object_).ok()) {
    throw std::runtime_error("not a JSON object: " + line);
  }
}

std::string JsonLine::text(std::string_view path) const {
  const google::protobuf::Struct* object = &object_;
  for (;;) {
    const std::size_t dot = path.find('.');
    const auto found = object->fields().find(std::string(path.substr(0, dot)));
    if (found == object->fields().end()) return "(none)";
    if (dot == path.npos) return text_of(found->second);
    object = &found->second.struct_value();
    path.remove_prefix(dot + 1);
  }
}

double JsonLine::number(std::string_view path) const {
  const std::string found = text(path);
  try {
    return std::stod(found);
  } catch (const std::exception&) {
    throw std::runtime_error(std::string(path) + " is no number: " + found);
  }
}

std::vector<std::string> lines_of(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<JsonLine> json_lines(const std::string& text) {
  std::vector<JsonLine> objects;
  for (const std::string& line : lines_of(text)) objects.emplace_back(line);
  return objects;
}

}  // namespace conveyor::tests
