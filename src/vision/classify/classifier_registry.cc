#include "conveyor/vision/classifier_registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/edit_distance.h"
#include "conveyor/error.h"
#include "vision/text_parsing.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

constexpr int kMostLevels = 8;

/// The first `?` that stands in no square brackets.
std::size_t find_question_mark(std::string_view text) {
  int depth = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '[') ++depth;
    if (text[i] == ']') --depth;
    if (depth > kMostLevels) invalid(fmt::format("a classifier has more than {} levels of brackets", kMostLevels));
    if (text[i] == '?' && depth <= 0) return i;
  }
  return std::string_view::npos;
}

}  // namespace

ClassifierArguments::ClassifierArguments(std::string_view text, const ClassifierRegistry* registry)
    : registry_(registry), text_(trim(text)) {
  const std::size_t question = find_question_mark(text_);
  const std::string_view front = std::string_view(text_).substr(0, question);
  const std::size_t colon = front.find(':');
  name_ = trim(front.substr(0, colon));
  if (colon != std::string_view::npos) subject_ = trim(front.substr(colon + 1));
  if (!is_name(name_)) fail("it does not begin with a classifier's name");
  if (question != std::string_view::npos) rest_ = std::string_view(text_).substr(question + 1);
}

void ClassifierArguments::fail(std::string_view why) const {
  invalid(fmt::format("classifier \"{}\": {}", text_, why));
}

const std::string& ClassifierArguments::subject(std::string_view what) const {
  subject_used_ = true;
  if (subject_.empty()) fail(fmt::format("{} is missing; write {}:...", what, name_));
  return subject_;
}

std::shared_ptr<const Model> ClassifierArguments::make(std::string_view text) const {
  if (registry_ == nullptr) fail("no registry makes its members");
  return registry_->make(text);
}

const std::string& ClassifierArguments::rest() const {
  rest_used_ = true;
  return rest_;
}

std::optional<std::string> ClassifierArguments::find(std::string_view key) const {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  std::optional<std::string> found;
  if (rest_.empty()) return found;
  split(rest_, '&', [&](std::string_view pair) {
    const std::size_t equals = pair.find('=');
    if (trim(pair.substr(0, equals)) != key) return;
    if (equals == std::string_view::npos) fail(fmt::format("{} has no value", key));
    if (found) fail(fmt::format("{} is given twice", key));
    found = trim(pair.substr(equals + 1));
  });
  return found;
}

double ClassifierArguments::read_number(std::string_view key, std::string_view value) const {
  double read = 0;
  const char* end = value.data() + value.size();
  const auto [ptr, error] = std::from_chars(value.data(), end, read);
  if (error != std::errc() || ptr != end || !std::isfinite(read)) {
    fail(fmt::format("{} is \"{}\", not a number", key, value));
  }
  return read;
}

std::string ClassifierArguments::word(std::string_view key, std::string otherwise) const {
  return find(key).value_or(std::move(otherwise));
}

double ClassifierArguments::number(std::string_view key, double otherwise) const {
  const auto value = find(key);
  return value ? read_number(key, *value) : otherwise;
}

std::vector<double> ClassifierArguments::numbers(std::string_view key) const {
  std::vector<double> numbers;
  if (const auto value = find(key)) {
    split(*value, ',', [&](std::string_view part) { numbers.push_back(read_number(key, trim(part))); });
  }
  return numbers;
}

int ClassifierArguments::integer(std::string_view key, int otherwise, int lowest, int highest) const {
  const auto value = find(key);
  if (!value) return otherwise;
  const double number = read_number(key, *value);
  if (number != std::floor(number) || number < lowest || number > highest) {
    fail(fmt::format("{} is {}, not a whole number from {} to {}", key, *value, lowest, highest));
  }
  return static_cast<int>(number);
}

bool ClassifierArguments::flag(std::string_view key, bool otherwise) const {
  const auto value = find(key);
  if (!value) return otherwise;
  if (*value != "true" && *value != "false") fail(fmt::format("{} is \"{}\", neither true nor false", key, *value));
  return *value == "true";
}

void ClassifierArguments::check_all_used() const {
  if (!subject_used_ && !subject_.empty()) fail(fmt::format("{} takes nothing behind a colon", name_));
  if (rest_used_ || rest_.empty()) return;
  split(rest_, '&', [&](std::string_view pair) {
    const std::string_view key = trim(pair.substr(0, pair.find('=')));
    if (std::find(asked_.begin(), asked_.end(), key) != asked_.end()) return;
    if (asked_.empty()) fail(fmt::format("{} has no settings", name_));
    fail(fmt::format("{} has no setting {}; did you mean {}? Known are: {}", name_, key, closest(key, asked_),
                     fmt::join(asked_, ", ")));
  });
}

void ClassifierRegistry::add(std::string name, ModelMaker make, std::string usage) {
  if (!is_name(name)) invalid(fmt::format("\"{}\" is not a name for a classifier", name));
  if (!make) invalid(fmt::format("classifier {} has no function that makes it", name));
  if (known_.contains(name)) invalid(fmt::format("classifier {} is known already", name));
  known_.emplace(std::move(name), Known{std::move(make), std::move(usage)});
}

void ClassifierRegistry::replace(std::string_view name, ModelMaker make) {
  if (!make) invalid(fmt::format("classifier {} has no function that makes it", name));
  const auto found = known_.find(name);
  if (found == known_.end()) invalid(fmt::format("classifier {} is not known, so that it cannot be replaced", name));
  found->second.make = std::move(make);
}

bool ClassifierRegistry::contains(std::string_view name) const { return known_.find(name) != known_.end(); }

std::shared_ptr<const Model> ClassifierRegistry::make(std::string_view text) const {
  if (trim(text).empty()) {
    invalid("no classifier is named; set CONVEYOR_CLASSIFIER, or conveyor.classifier in the properties file");
  }
  const ClassifierArguments arguments(text, this);
  const auto found = known_.find(arguments.name());
  if (found == known_.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, known] : known_) names.push_back(name);
    const std::string_view meant = closest(arguments.name(), names);
    invalid(fmt::format("no classifier is called {}; did you mean {}? Known are: {}", arguments.name(),
                        meant.empty() ? "none" : meant, fmt::join(names, ", ")));
  }
  std::shared_ptr<const Model> model = found->second.make(arguments);
  if (!model) invalid(fmt::format("classifier \"{}\" was not made", arguments.text()));
  arguments.check_all_used();
  return model;
}

std::vector<ClassifierRegistry::Entry> ClassifierRegistry::entries() const {
  std::vector<Entry> entries;
  for (const auto& [name, known] : known_) entries.push_back({name, known.usage});
  return entries;
}

}  // namespace conveyor::vision
