#include "cli/output/findings.h"

#include <fmt/format.h>

#include <cstddef>
#include <utility>

#include "base/printable.h"
#include "cli/output/json.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kLongestText = 200;

}  // namespace

void Findings::add(std::string_view name, std::string_view text) {
  lines_.push_back({std::string(name), printable(text, kLongestText), json_string(text)});
}

void Findings::add(std::string_view name, std::string text, std::string json) {
  lines_.push_back({std::string(name), std::move(text), std::move(json)});
}

std::string Findings::lines() const {
  std::string text;
  for (const Line& line : lines_) text += fmt::format("{:15} {}\n", line.name, line.text.empty() ? "-" : line.text);
  return text;
}

std::string Findings::object() const {
  std::string text;
  for (const Line& line : lines_) text += fmt::format("{}\"{}\":{}", text.empty() ? "" : ",", line.name, line.json);
  return "{" + text + "}\n";
}

}  // namespace conveyor::cli
