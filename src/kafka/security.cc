#include "kafka/security.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>

#include "base/printable.h"
#include "conveyor/error.h"
#include "kafka/property_values.h"
#include "kafka/sasl_mechanism.h"

namespace conveyor::kafka {
namespace {

constexpr std::size_t kShown = 100;  // bytes of a value that an error text shows

/// A typed setting of Config that also exists as a Kafka property.
struct Twin {
  std::string_view property;
  std::string_view alias;  // an alias of the property; empty: none
  std::string_view field;
  std::string_view variable;
  bool secret = false;
};
constexpr Twin kCa{"ssl.ca.location", "", "Config::tls.ca_file", "CONVEYOR_TLS_CA_FILE"};
constexpr Twin kCertificate{"ssl.certificate.location", "", "Config::tls.certificate_file",
                            "CONVEYOR_TLS_CERTIFICATE_FILE"};
constexpr Twin kKey{"ssl.key.location", "", "Config::tls.key_file", "CONVEYOR_TLS_KEY_FILE"};
constexpr Twin kKeyPassword{"ssl.key.password", "", "Config::tls.key_password", "CONVEYOR_TLS_KEY_PASSWORD", true};
constexpr Twin kMechanism{"sasl.mechanism", "sasl.mechanisms", "Config::sasl.mechanism", "CONVEYOR_SASL_MECHANISM"};
constexpr Twin kUsername{"sasl.username", "", "Config::sasl.username", "CONVEYOR_SASL_USERNAME"};
constexpr Twin kPassword{"sasl.password", "", "Config::sasl.password", "CONVEYOR_SASL_PASSWORD", true};
constexpr std::array<const Twin*, 7> kTwins{&kCa,        &kCertificate, &kKey,     &kKeyPassword,
                                            &kMechanism, &kUsername,    &kPassword};
constexpr std::string_view kProtocol = "security.protocol";

// Properties that set the same thing in another way. librdkafka would silently take the later one.
struct Other {
  const Twin* twin;
  std::string_view property;
};
constexpr std::array<Other, 5> kOthers{{{&kCa, "ssl.ca.pem"},
                                        {&kCertificate, "ssl.certificate.pem"},
                                        {&kCertificate, "ssl.keystore.location"},
                                        {&kKey, "ssl.key.pem"},
                                        {&kKey, "ssl.keystore.location"}}};

// Properties that have no effect without TLS.
constexpr std::array<std::string_view, 6> kOnlyWithTls{
    "ssl.ca.pem",      "ssl.certificate.pem", "ssl.key.pem", "ssl.keystore.location", "ssl.keystore.password",
    "ssl.crl.location"};

std::string name_of(const Twin& twin) { return fmt::format("{} ({})", twin.field, twin.variable); }

std::string shown(std::string_view name, std::string_view value) {
  if (is_secret_property(name)) return fmt::format("Kafka property {}", name);
  return fmt::format("Kafka property {}={}", name, printable(value, kShown));
}

// The value of a setting, from the typed setting, the Kafka property and the property's alias. They must not differ.
std::string one_value(const Twin& twin, const std::string& typed, const PropertyMap& properties) {
  std::string value = typed;
  std::string said_by = typed.empty() ? std::string() : name_of(twin);
  for (const std::string_view name : {twin.property, twin.alias}) {
    const auto found = name.empty() ? properties.end() : properties.find(std::string(name));
    if (found == properties.end()) continue;
    const bool alike = &twin == &kMechanism ? same(value, found->second) : value == found->second;
    if (!said_by.empty() && !alike) {
      refuse(fmt::format("{} and {} contradict each other; set only one of them", said_by, shown(name, found->second)));
    }
    value = found->second;
    said_by = shown(name, value);
  }
  if (typed.empty()) return value;
  for (const auto& [of, name] : kOthers) {
    if (of != &twin || value_of(properties, name).empty()) continue;
    refuse(fmt::format("{} and Kafka property {} contradict each other; set only one of them", name_of(twin), name));
  }
  return typed;
}

struct Protocol {
  bool tls = false;
  bool sasl = false;
};

Protocol protocol_named(std::string_view name) {
  if (same(name, "plaintext")) return {};
  if (same(name, "ssl")) return {.tls = true};
  if (same(name, "sasl_plaintext")) return {.sasl = true};
  if (same(name, "sasl_ssl")) return {.tls = true, .sasl = true};
  refuse(fmt::format("Kafka property security.protocol={} is none of PLAINTEXT, SSL, SASL_PLAINTEXT and SASL_SSL",
                     printable(name, kShown)));
}

// A property never turns off what another setting turned on.
Protocol protocol_of(const TlsOptions& tls, std::string_view mechanism, const PropertyMap& properties) {
  const std::string_view named = value_of(properties, kProtocol);
  if (named.empty()) return {.tls = tls.enabled, .sasl = !mechanism.empty()};
  const Protocol protocol = protocol_named(named);
  const std::string said = shown(kProtocol, named);
  if (tls.enabled && !protocol.tls) {
    refuse(
        fmt::format("Config::tls.enabled (CONVEYOR_TLS_ENABLED) turns TLS on and {} turns it off; set "
                    "security.protocol={}, or leave it out",
                    said, protocol.sasl ? "SASL_SSL" : "SSL"));
  }
  if (!mechanism.empty() && !protocol.sasl) {
    refuse(
        fmt::format("{} or its Kafka property turns SASL on and {} turns it off; set security.protocol={}, or leave "
                    "it out",
                    name_of(kMechanism), said, protocol.tls ? "SASL_SSL" : "SASL_PLAINTEXT"));
  }
  return protocol;
}

// Config::tls promises an encrypted connection to the right brokers, not to whoever answers.
void check_verification(const TlsOptions& tls, const PropertyMap& properties) {
  const std::string_view verified = value_of(properties, "enable.ssl.certificate.verification");
  const bool unverified = same(verified, "false") || same(verified, "f") || verified == "0";
  const bool anybody = same(value_of(properties, "ssl.endpoint.identification.algorithm"), "none");
  if (!tls.enabled || (!unverified && !anybody)) return;
  refuse(fmt::format(
      "Config::tls.enabled (CONVEYOR_TLS_ENABLED) turns on TLS that verifies the brokers, and Kafka property {} turns "
      "the verification off; leave it out, or, if you mean it, set security.protocol instead of Config::tls.enabled",
      unverified ? "enable.ssl.certificate.verification=false" : "ssl.endpoint.identification.algorithm=none"));
}

void check_without_tls(const PropertyMap& values, const PropertyMap& properties) {
  for (const Twin* twin : {&kCa, &kCertificate, &kKey, &kKeyPassword}) {
    if (value_of(values, twin->property).empty()) continue;
    refuse(
        fmt::format("{} or Kafka property {} is set, but TLS is not on: set Config::tls.enabled "
                    "(CONVEYOR_TLS_ENABLED), or Kafka property security.protocol to SSL or SASL_SSL",
                    name_of(*twin), twin->property));
  }
  for (const std::string_view name : kOnlyWithTls) {
    if (value_of(properties, name).empty()) continue;
    refuse(
        fmt::format("Kafka property {} is set, but TLS is not on: set Config::tls.enabled (CONVEYOR_TLS_ENABLED), "
                    "or Kafka property security.protocol to SSL or SASL_SSL",
                    name));
  }
}

void check_without_sasl(const PropertyMap& properties) {
  for (const auto& [name, value] : properties) {
    const bool of_sasl = name.starts_with("sasl.") || name.starts_with("enable.sasl.");
    if (!of_sasl || value.empty()) continue;
    refuse(fmt::format("Kafka property {} is set, but SASL is not on: set {}", name, name_of(kMechanism)));
  }
}

void check_certificate_and_key(const PropertyMap& values, const PropertyMap& properties) {
  const auto any = [&](const Twin& twin) {
    return !value_of(values, twin.property).empty() || std::ranges::any_of(kOthers, [&](const Other& other) {
      return other.twin == &twin && !value_of(properties, other.property).empty();
    });
  };
  if (any(kCertificate) && !any(kKey)) {
    refuse(fmt::format("a client certificate is set without its private key: set {} too", name_of(kKey)));
  }
  if (any(kKey) && !any(kCertificate)) {
    refuse(fmt::format("a private key is set without its client certificate: set {} too", name_of(kCertificate)));
  }
}

std::optional<std::string> cannot_read(const std::string& path, bool or_folder) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return or_folder ? std::nullopt : std::optional<std::string>("it is a folder");
  }
  const std::unique_ptr<std::FILE, decltype(&std::fclose)> file{std::fopen(path.c_str(), "rb"), &std::fclose};
  return file ? std::nullopt : std::optional<std::string>(std::strerror(errno));
}

}  // namespace

bool is_security_property(std::string_view name) {
  return name == kProtocol ||
         std::ranges::any_of(kTwins, [&](const Twin* twin) { return twin->property == name || twin->alias == name; });
}

bool is_secret_property(std::string_view name) {
  return name.starts_with("sasl.oauthbearer.config") || name.ends_with("password") || name.ends_with("secret") ||
         name.ends_with("passphrase") || name.ends_with(".pem");
}

Security security_of(const TlsOptions& tls, const SaslOptions& sasl, const PropertyMap& properties) {
  const std::array<std::pair<const Twin*, const std::string*>, 7> typed{{{&kCa, &tls.ca_file},
                                                                         {&kCertificate, &tls.certificate_file},
                                                                         {&kKey, &tls.key_file},
                                                                         {&kKeyPassword, &tls.key_password},
                                                                         {&kMechanism, &sasl.mechanism},
                                                                         {&kUsername, &sasl.username},
                                                                         {&kPassword, &sasl.password}}};
  PropertyMap values;
  for (const auto& [twin, value] : typed) {
    std::string said = one_value(*twin, *value, properties);
    if (!said.empty()) values[std::string(twin->property)] = std::move(said);
  }
  const std::string mechanism(value_of(values, kMechanism.property));
  const bool has_user = values.contains("sasl.username") || values.contains("sasl.password");
  if (has_user && mechanism.empty()) {
    refuse(fmt::format("a SASL user or password is set without {}; set it, for example to PLAIN", name_of(kMechanism)));
  }
  const Protocol protocol = protocol_of(tls, mechanism, properties);
  check_verification(tls, properties);
  if (!protocol.tls) check_without_tls(values, properties);
  if (!protocol.sasl) check_without_sasl(properties);
  check_certificate_and_key(values, properties);
  if (protocol.tls || protocol.sasl) {
    values[std::string(kProtocol)] = protocol.tls ? (protocol.sasl ? "sasl_ssl" : "ssl") : "sasl_plaintext";
  }
  return {.tls = protocol.tls,
          .sasl = protocol.sasl,
          .mechanism = mechanism,
          .token_endpoint = shown_endpoint(value_of(properties, "sasl.oauthbearer.token.endpoint.url")),
          .properties = std::move(values)};
}

void check_security_files(const Security& security, const PropertyMap& properties) {
  const auto check = [](std::string_view name, std::string_view path, bool or_folder, const std::string& setting) {
    if (path.empty()) return;
    const auto why = cannot_read(std::string(path), or_folder);
    if (why)
      refuse(fmt::format("{}: cannot read {} (Kafka property {}): {}", setting, printable(path, 300), name, *why));
  };
  check("sasl.kerberos.keytab", keytab_file(security, properties), false, "SASL mechanism GSSAPI");
  if (!security.tls) return;
  const std::string_view ca = value_of(security.properties, kCa.property);
  if (ca != "probe") check(kCa.property, ca, true, name_of(kCa));
  for (const Twin* twin : {&kCertificate, &kKey}) {
    check(twin->property, value_of(security.properties, twin->property), false, name_of(*twin));
  }
  for (const std::string_view name : {"ssl.keystore.location", "ssl.crl.location"}) {
    check(name, value_of(properties, name), false, "TLS");
  }
}

}  // namespace conveyor::kafka
