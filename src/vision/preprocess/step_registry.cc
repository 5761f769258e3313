#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/edit_distance.h"
#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "vision/text_parsing.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

}  // namespace

StepArguments::StepArguments(std::string step, std::vector<std::string> arguments)
    : step_(std::move(step)), arguments_(std::move(arguments)) {}

std::string StepArguments::text() const {
  return arguments_.empty() ? step_ : fmt::format("{}({})", step_, fmt::join(arguments_, ","));
}

const std::string& StepArguments::word(std::size_t index) const {
  used_ = std::max(used_, index + 1);
  if (index >= arguments_.size()) {
    invalid(fmt::format("preprocess step {} needs at least {} argument{}", text(), index + 1, index == 0 ? "" : "s"));
  }
  return arguments_[index];
}

double StepArguments::number(std::size_t index) const {
  const std::string& argument = word(index);
  double value = 0;
  const char* end = argument.data() + argument.size();
  const auto read = std::from_chars(argument.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end || !std::isfinite(value)) {
    invalid(fmt::format("preprocess step {}: \"{}\" is not a number", text(), argument));
  }
  return value;
}

int StepArguments::integer(std::size_t index, int lowest, int highest) const {
  const double value = number(index);
  if (value != std::floor(value) || value < lowest || value > highest) {
    invalid(fmt::format("preprocess step {}: {} is not a whole number from {} to {}", text(), arguments_[index], lowest,
                        highest));
  }
  return static_cast<int>(value);
}

void StepArguments::check_all_used() const {
  if (used_ >= arguments_.size()) return;
  invalid(fmt::format("preprocess step {} has {} argument{}; it takes {}", text(), arguments_.size(),
                      arguments_.size() == 1 ? "" : "s", used_));
}

void StepRegistry::add(std::string name, StepMaker make) {
  if (!is_name(name)) invalid(fmt::format("\"{}\" is not a name for a preprocess step", name));
  if (!make) invalid(fmt::format("preprocess step {} has no function that makes it", name));
  if (makers_.contains(name)) invalid(fmt::format("preprocess step {} is known already", name));
  makers_.emplace(std::move(name), std::move(make));
}

StepPtr StepRegistry::parse_step(std::string_view text) const {
  text = trim(text);
  const auto open = text.find('(');
  const std::string_view name = trim(text.substr(0, open));
  if (!is_name(name)) invalid(fmt::format("preprocess step \"{}\" does not begin with a step's name", text));
  std::vector<std::string> arguments;
  if (open != std::string_view::npos) {
    if (text.back() != ')') invalid(fmt::format("preprocess step \"{}\" does not end with its parenthesis", text));
    const std::string_view inside = trim(text.substr(open + 1, text.size() - open - 2));
    if (!inside.empty()) {
      split(inside, ',', [&](std::string_view part) {
        part = trim(part);
        if (part.empty() || part.find_first_of("()") != std::string_view::npos) {
          invalid(fmt::format("preprocess step \"{}\" has a malformed argument", text));
        }
        arguments.emplace_back(part);
      });
    }
  }
  const auto known = makers_.find(name);
  if (known == makers_.end()) {
    std::vector<std::string_view> names;
    for (const auto& [other, make] : makers_) names.push_back(other);
    const std::string_view meant = closest(name, names);
    invalid(fmt::format("no preprocess step is called {}; did you mean {}? Known are: {}", name,
                        meant.empty() ? "none" : meant, fmt::join(names, ", ")));
  }
  const StepArguments given{std::string(name), std::move(arguments)};
  StepPtr step = known->second(given);
  if (!step) invalid(fmt::format("preprocess step {} was not made", given.text()));
  given.check_all_used();
  return step;
}

PreprocessChain StepRegistry::parse(std::string_view text) const {
  if (trim(text).empty()) return {};
  std::vector<StepPtr> steps;
  split(text, '|', [&](std::string_view step) { steps.push_back(parse_step(step)); });
  return PreprocessChain(std::move(steps));
}

}  // namespace conveyor::vision
