#include "settings/setting.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstddef>
#include <string>
#include <system_error>

#include "base/printable.h"
#include "conveyor/error.h"

namespace conveyor {
namespace {

constexpr std::size_t kShown = 100;  // of a value that comes from outside

bool read_bool(std::string_view value) {
  if (value == "true" || value == "1") return true;
  if (value == "false" || value == "0") return false;
  throw Error(errc::invalid_config, fmt::format("\"{}\" is neither true nor false", printable(value, kShown)));
}

std::size_t read_size(std::string_view value) {
  std::size_t size = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
  if (error != std::errc() || end != value.data() + value.size()) {
    throw Error(errc::invalid_config, fmt::format("\"{}\" is not a whole number of bytes", printable(value, kShown)));
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
              fmt::format("environment \"{}\" is not PRODUCTION, DEVELOPMENT or STAGING", printable(value, kShown)));
}

constexpr std::array<Setting, 17> kSettings{{
    {"BOOTSTRAP_SERVERS", "", "bootstrap.servers", [](Config& c, std::string_view v) { c.bootstrap_servers = v; }},
    {"GROUP", "LOG_TAG_GROUP", "group.id", [](Config& c, std::string_view v) { c.group = v; }},
    {"SERVICE", "LOG_TAG_SERVICE", "conveyor.service", [](Config& c, std::string_view v) { c.service = v; }},
    {"ENVIRONMENT", "ENVIRONMENT", "conveyor.environment",
     [](Config& c, std::string_view v) { c.environment = read_environment(v); }},
    {"TOPIC_PREFIX", "", "conveyor.topic.prefix", [](Config& c, std::string_view v) { c.topic_prefix = v; }},
    {"CLASSIFIER", "", "conveyor.classifier", [](Config& c, std::string_view v) { c.classifier = v; }},
    {"MAX_RECORD_BYTES", "", "conveyor.max.record.bytes",
     [](Config& c, std::string_view v) { c.max_record_bytes = read_size(v); }},
    {"MAX_MESSAGE_BYTES", "", "conveyor.max.message.bytes",
     [](Config& c, std::string_view v) { c.max_message_bytes = read_size(v); }},
    {"TLS_ENABLED", "", "conveyor.tls.enabled", [](Config& c, std::string_view v) { c.tls.enabled = read_bool(v); }},
    {"TLS_CA_FILE", "", "conveyor.tls.ca.file", [](Config& c, std::string_view v) { c.tls.ca_file = v; }},
    {"TLS_CERTIFICATE_FILE", "", "conveyor.tls.certificate.file",
     [](Config& c, std::string_view v) { c.tls.certificate_file = v; }},
    {"TLS_KEY_FILE", "", "conveyor.tls.key.file", [](Config& c, std::string_view v) { c.tls.key_file = v; }},
    {"TLS_KEY_PASSWORD", "", "conveyor.tls.key.password",
     [](Config& c, std::string_view v) { c.tls.key_password = v; }},
    {"SASL_MECHANISM", "", "conveyor.sasl.mechanism", [](Config& c, std::string_view v) { c.sasl.mechanism = v; }},
    {"SASL_USERNAME", "", "conveyor.sasl.username", [](Config& c, std::string_view v) { c.sasl.username = v; }},
    {"SASL_PASSWORD", "", "conveyor.sasl.password", [](Config& c, std::string_view v) { c.sasl.password = v; }},
    {"CONFIG_FILE", "", "", nullptr},
}};

}  // namespace

std::span<const Setting> settings() noexcept { return kSettings; }

}  // namespace conveyor
