#include "conveyor/config.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/closest.h"
#include "base/printable.h"
#include "base/utf8.h"
#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "kafka/properties.h"
#include "settings/check_settings.h"
#include "settings/kubernetes.h"
#include "settings/properties_file.h"

extern char** environ;

namespace conveyor {
namespace {

using Setter = void (*)(Config&, std::string_view value);

// Names and values come from outside: texts hold no more of them than is of use, and nothing that a terminal obeys.
constexpr std::size_t kShown = 100;

std::string shown(std::string_view text) { return printable(text, kShown); }

bool read_bool(std::string_view value) {
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  throw Error(errc::invalid_config, fmt::format("\"{}\" is neither true nor false", shown(value)));
}

std::size_t read_size(std::string_view value) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
  if (error != std::errc() || end != value.data() + value.size()) {
    throw Error(errc::invalid_config, fmt::format("\"{}\" is not a whole number of bytes", shown(value)));
  }
  return size;
}

Environment read_environment(std::string_view value) {
  std::string upper(value);
  std::ranges::transform(upper, upper.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (upper == "PRODUCTION") return Environment::kProduction;
  if (upper == "DEVELOPMENT") return Environment::kDevelopment;
  if (upper == "STAGING") return Environment::kStaging;
  if (upper == "UNKNOWN_ENVIRONMENT") return Environment::kUnknown;
  throw Error(errc::invalid_config,
              fmt::format("environment \"{}\" is not PRODUCTION, DEVELOPMENT or STAGING", shown(value)));
}

struct Setting {
  std::string_view variable;  // after CONVEYOR_
  std::string_view name;      // in a properties file
  Setter set;
};

constexpr std::array<Setting, 17> kSettings{{
    {"BOOTSTRAP_SERVERS", "bootstrap.servers", [](Config& c, std::string_view v) { c.bootstrap_servers = v; }},
    {"GROUP", "group.id", [](Config& c, std::string_view v) { c.group = v; }},
    {"SERVICE", "conveyor.service", [](Config& c, std::string_view v) { c.service = v; }},
    {"ENVIRONMENT", "conveyor.environment", [](Config& c, std::string_view v) { c.environment = read_environment(v); }},
    {"TOPIC_PREFIX", "conveyor.topic.prefix", [](Config& c, std::string_view v) { c.topic_prefix = v; }},
    {"CLASSIFIER", "conveyor.classifier", [](Config& c, std::string_view v) { c.classifier = v; }},
    {"MAX_RECORD_BYTES", "conveyor.max.record.bytes",
     [](Config& c, std::string_view v) { c.max_record_bytes = read_size(v); }},
    {"MAX_MESSAGE_BYTES", "conveyor.max.message.bytes",
     [](Config& c, std::string_view v) { c.max_message_bytes = read_size(v); }},
    {"TLS_ENABLED", "conveyor.tls.enabled", [](Config& c, std::string_view v) { c.tls.enabled = read_bool(v); }},
    {"TLS_CA_FILE", "conveyor.tls.ca.file", [](Config& c, std::string_view v) { c.tls.ca_file = v; }},
    {"TLS_CERTIFICATE_FILE", "conveyor.tls.certificate.file",
     [](Config& c, std::string_view v) { c.tls.certificate_file = v; }},
    {"TLS_KEY_FILE", "conveyor.tls.key.file", [](Config& c, std::string_view v) { c.tls.key_file = v; }},
    {"TLS_KEY_PASSWORD", "conveyor.tls.key.password", [](Config& c, std::string_view v) { c.tls.key_password = v; }},
    {"SASL_MECHANISM", "conveyor.sasl.mechanism", [](Config& c, std::string_view v) { c.sasl.mechanism = v; }},
    {"SASL_USERNAME", "conveyor.sasl.username", [](Config& c, std::string_view v) { c.sasl.username = v; }},
    {"SASL_PASSWORD", "conveyor.sasl.password", [](Config& c, std::string_view v) { c.sasl.password = v; }},
    {"CONFIG_FILE", "", nullptr},
}};

constexpr std::string_view kPrefix = "CONVEYOR_";
constexpr std::string_view kKafkaPrefix = "KAFKA_";
constexpr std::string_view kCacheOfBuildScripts = "CACHE";

// Errors of a setter say what is wrong with the value; this says where it stands.
void apply(Config& config, Setter set, std::string_view value, std::string_view where) {
  try {
    set(config, value);
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
  const auto found = std::ranges::find(kSettings, variable, &Setting::variable);
  if (found == kSettings.end()) {
    if (variable == kCacheOfBuildScripts) return;
    throw Error(errc::unknown_property,
                fmt::format("unknown environment variable {}; did you mean {}{}? (Kafka properties are {}{}<NAME>)",
                            where, kPrefix, closest(variable.substr(0, kShown), kSettings, &Setting::variable), kPrefix,
                            kKafkaPrefix));
  }
  if (found->set != nullptr) apply(config, found->set, value, where);
}

void check_name(std::string_view name) {
  if (name.starts_with("conveyor.")) {
    throw Error(errc::unknown_property, fmt::format("unknown setting {}; did you mean {}?", shown(name),
                                                    closest(name.substr(0, kShown), kSettings, &Setting::name)));
  }
  kafka::check_property_name(name);
}

void apply_line(Config& config, const PropertyLine& line, std::string_view where) {
  const auto found = std::ranges::find(kSettings, line.name, &Setting::name);
  if (found != kSettings.end() && found->set != nullptr) return apply(config, found->set, line.value, where);
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

const char* variable(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0' ? value : nullptr;
}

}  // namespace

Config Config::from_env() {
  Config config;
  if (const char* value = variable("LOG_TAG_SERVICE")) config.service = value;
  if (const char* value = variable("LOG_TAG_GROUP")) config.group = value;
  if (const char* value = variable("ENVIRONMENT")) {
    apply(
        config, [](Config& c, std::string_view v) { c.environment = read_environment(v); }, value, "ENVIRONMENT");
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
