#include "conveyor/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/edit_distance.h"
#include "base/printable.h"
#include "base/utf8.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "kafka/properties.h"
#include "settings/check_settings.h"
#include "settings/kubernetes.h"
#include "settings/properties_file.h"
#include "settings/setting.h"

extern char** environ;

namespace conveyor {
namespace {

// Names and values come from outside: texts hold no more of them than is of use, and nothing that a terminal obeys.
constexpr std::size_t kShown = 100;

std::string shown(std::string_view text) { return printable(text, kShown); }

constexpr std::string_view kPrefix = "CONVEYOR_";
constexpr std::string_view kKafkaPrefix = "KAFKA_";
constexpr std::string_view kCacheOfBuildScripts = "CACHE";

// Errors of a setter say what is wrong with the value; this says where it stands.
void apply(const Setting& setting, Config& config, std::string_view value, std::string_view where) {
  try {
    setting.set(config, value);
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}: {}", where, error.what()));
  }
}

// LINGER_MS -> linger.ms. Some property names have underscores of their own: the known one with the same letters wins.
std::string property_named_by(std::string_view variable) {
  const auto fold = [](char c) {
    return c == '.' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  };
  for (const auto& [name, scope] : kafka::known_properties()) {
    if (std::ranges::equal(name, variable, {}, fold)) return name;
  }
  std::string name(variable);
  std::ranges::transform(name, name.begin(),
                         [](unsigned char c) { return c == '_' ? '.' : static_cast<char>(std::tolower(c)); });
  return name;
}

void apply_variable(Config& config, std::string_view variable, std::string_view value) {
  if (is_kubernetes_service_variable(fmt::format("{}{}", kPrefix, variable), value)) return;
  const std::string where = fmt::format("{}{}", kPrefix, shown(variable));
  if (variable.starts_with(kKafkaPrefix)) {
    const std::string name = property_named_by(variable.substr(kKafkaPrefix.size()));
    try {
      kafka::check_property_name(name);
    } catch (const Error& error) {
      throw Error(error.code(), fmt::format("{}: {}", where, error.what()));
    }
    config.properties[name] = value;
    return;
  }
  const auto found = std::ranges::find(settings(), variable, &Setting::variable);
  if (found == settings().end()) {
    if (variable == kCacheOfBuildScripts) return;
    throw Error(errc::unknown_property,
                fmt::format("unknown environment variable {}; did you mean {}{}? (Kafka properties are {}{}<NAME>)",
                            where, kPrefix, closest(variable.substr(0, kShown), settings(), &Setting::variable),
                            kPrefix, kKafkaPrefix));
  }
  if (found->set != nullptr) apply(*found, config, value, where);
}

void check_name(std::string_view name) {
  if (name.starts_with("conveyor.")) {
    throw Error(errc::unknown_property, fmt::format("unknown setting {}; did you mean {}?", shown(name),
                                                    closest(name.substr(0, kShown), settings(), &Setting::name)));
  }
  kafka::check_property_name(name);
}

void apply_line(Config& config, const PropertyLine& line, std::string_view where) {
  const auto found = std::ranges::find(settings(), line.name, &Setting::name);
  if (found != settings().end() && found->set != nullptr) return apply(*found, config, line.value, where);
  try {
    check_name(line.name);
  } catch (const Error& error) {
    // A sentence is no setting, and may hold what is nobody's business.
    if (line.by_blank) throw Error(errc::invalid_config, fmt::format("{}: not of the form name=value", where));
    throw Error(error.code(), fmt::format("{}: {}", where, error.what()));
  }
  config.properties[line.name] = line.value;
}

void apply_file(Config& config, const std::filesystem::path& path) {
  for (const PropertyLine& line : parse_properties(read_properties_file(path), path.string())) {
    apply_line(config, line, fmt::format("{}:{}", path.string(), line.line));
  }
}

const char* variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

Config Config::from_env() {
  Config config;
  for (const Setting& setting : settings()) {
    if (setting.theirs.empty()) continue;
    if (const char* value = variable(std::string(setting.theirs))) apply(setting, config, value, setting.theirs);
  }
  if (const char* value = variable("CONVEYOR_CONFIG_FILE")) apply_file(config, value);
  for (char** entry = environ; *entry != nullptr; ++entry) {
    std::string_view text = *entry;
    const auto equals = text.find('=');
    if (!text.starts_with(kPrefix) || equals == std::string_view::npos || equals + 1 == text.size()) continue;
    apply_variable(config, text.substr(kPrefix.size(), equals - kPrefix.size()), text.substr(equals + 1));
  }
  return config;
}

Config Config::from_file(const std::filesystem::path& path) {
  Config config;
  apply_file(config, path);
  return config;
}

void Config::validate() const {
  if (!topic_prefix.empty() && !detail::legal_topic(topic_prefix + "x")) {
    throw Error(
        errc::invalid_config,
        fmt::format("Config::topic_prefix \"{}\" has characters that a topic may not have", shown(topic_prefix)));
  }
  // They travel with every message, and with dead letters; a message whose metadata is not UTF-8 can be read by nobody.
  for (const auto& [name, text] : {std::pair{"service", &service}, std::pair{"group", &group}}) {
    if (is_utf8(*text)) continue;
    throw Error(errc::invalid_config, fmt::format("Config::{} \"{}\" is not UTF-8", name, shown(*text)));
  }
  kafka::check_settings(*this);
}

}  // namespace conveyor
