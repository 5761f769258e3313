#include "kafka/sasl_mechanism.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <system_error>
#include <vector>

#include "base/printable.h"
#include "kafka/properties.h"
#include "kafka/property_values.h"

namespace conveyor::kafka {
namespace {

constexpr std::size_t kShown = 300;  // bytes of a value that an error text shows
constexpr std::string_view kKeytab = "sasl.kerberos.keytab";
constexpr std::string_view kPrincipal = "sasl.kerberos.principal";
constexpr std::string_view kService = "sasl.kerberos.service.name";
constexpr std::string_view kCommand = "sasl.kerberos.kinit.cmd";
constexpr std::string_view kLogInEvery = "sasl.kerberos.min.time.before.relogin";

bool has_feature(const ClientLibrary& library, std::string_view wanted) {
  return ("," + library.features + ",").find(fmt::format(",{},", wanted)) != std::string::npos;
}

std::string version_text(int version) {
  return fmt::format("{}.{}.{}", version >> 24 & 0xFF, version >> 16 & 0xFF, version >> 8 & 0xFF);
}

bool is_gssapi(const Security& security) {
  return security.sasl && (security.mechanism.empty() || same(security.mechanism, "GSSAPI"));
}

// The name in builtin.features; empty for a mechanism that librdkafka does not know and refuses itself.
std::string_view feature_of(const Security& security) {
  if (is_gssapi(security)) return "sasl_gssapi";
  if (same(security.mechanism, "PLAIN")) return "sasl_plain";
  if (is_oauthbearer(security.mechanism)) return "sasl_oauthbearer";
  return security.mechanism.starts_with("SCRAM-SHA-") ? "sasl_scram" : "";
}

bool logs_in_by_command(const PropertyMap& properties) {
  const std::string_view every = value_of(properties, kLogInEvery);
  int milliseconds = -1;
  const auto read = std::from_chars(every.data(), every.data() + every.size(), milliseconds);
  return read.ec != std::errc() || milliseconds != 0;
}

// The properties that the kinit command names, as %{name}.
std::vector<std::string_view> named_by_command(const PropertyMap& properties) {
  // librdkafka's default command
  if (properties.find(std::string(kCommand)) == properties.end()) return {kKeytab, kPrincipal};
  std::vector<std::string_view> names;
  for (std::string_view rest = value_of(properties, kCommand);;) {
    const std::size_t begin = rest.find("%{");
    if (begin == std::string_view::npos) return names;
    const std::size_t end = rest.find('}', begin);
    if (end == std::string_view::npos)
      refuse(fmt::format("Kafka property {} contains %{{ without a closing }}", kCommand));
    names.push_back(rest.substr(begin + 2, end - begin - 2));
    rest.remove_prefix(end + 1);
  }
}

void check_named_by_command(std::string_view name, const PropertyMap& properties) {
  if (!known_properties().contains(name)) {
    refuse(fmt::format("Kafka property {} names %{{{}}}, but there is no such Kafka property", kCommand,
                       printable(name, kShown)));
  }
  const auto found = properties.find(std::string(name));
  if (found != properties.end() ? !found->second.empty() : name != kKeytab) return;
  refuse(fmt::format(
      "SASL mechanism GSSAPI logs in with a command that needs Kafka property {}, which is empty: set it, or, "
      "if something else renews this client's ticket, set {}=0",
      name, kLogInEvery));
}

}  // namespace

bool is_oauthbearer(std::string_view mechanism) { return same(mechanism, "OAUTHBEARER"); }

bool asks_for_tokens(const Security& security, const PropertyMap& properties) {
  return security.sasl && is_oauthbearer(security.mechanism) &&
         same(value_of(properties, "sasl.oauthbearer.method"), "oidc");
}

std::string shown_endpoint(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  const std::size_t host = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t path = url.find('/', host);
  const std::size_t user = url.substr(0, path).rfind('@');
  std::string shown(url);
  if (user != std::string_view::npos && user >= host) shown.erase(host, user + 1 - host);
  return printable(shown, kShown);
}

void check_mechanism(const Security& security, const ClientLibrary& library) {
  const std::string_view feature = security.sasl ? feature_of(security) : "";
  if (feature.empty() || has_feature(library, feature)) return;
  const bool by_default = security.mechanism.empty();
  refuse(fmt::format(
      "SASL mechanism {}: the linked librdkafka {} was built without it ({} is not among its "
      "builtin.features); link a librdkafka that has it, or set {}Config::sasl.mechanism (CONVEYOR_SASL_MECHANISM)",
      by_default ? "GSSAPI, the default" : printable(security.mechanism, kShown), version_text(library.version),
      feature, by_default ? "" : "another "));
}

void check_token_source(const Security& security, const PropertyMap& properties, const ClientLibrary& library) {
  constexpr int kUnsecuredFrom = 0x020200ff;  // the oldest version that refreshes such tokens
  if (!security.sasl || !is_oauthbearer(security.mechanism)) return;
  if (asks_for_tokens(security, properties)) {
    if (has_feature(library, "oidc")) return;
    refuse(
        fmt::format("SASL mechanism OAUTHBEARER with Kafka property sasl.oauthbearer.method=oidc: the linked "
                    "librdkafka {} was built without OIDC; link librdkafka 1.9.0 or newer, built with libcurl",
                    version_text(library.version)));
  }
  if (is_true(value_of(properties, "enable.sasl.oauthbearer.unsecure.jwt"))) {
    if (library.version >= kUnsecuredFrom) return;
    refuse(
        fmt::format("SASL mechanism OAUTHBEARER with Kafka property enable.sasl.oauthbearer.unsecure.jwt needs "
                    "librdkafka 2.2.0 or newer; {} is linked, which fails when the first token expires",
                    version_text(library.version)));
  }
  refuse(
      "SASL mechanism OAUTHBEARER has no source of tokens: set Kafka property sasl.oauthbearer.method=oidc with "
      "sasl.oauthbearer.client.id, sasl.oauthbearer.client.secret and sasl.oauthbearer.token.endpoint.url");
}

std::string_view keytab_file(const Security& security, const PropertyMap& properties) {
  if (!is_gssapi(security) || !logs_in_by_command(properties)) return "";
  const auto names = named_by_command(properties);
  if (std::ranges::find(names, kKeytab) == names.end()) return "";
  // A keytab name may have a prefix TYPE:, whose default is FILE:
  // https://web.mit.edu/kerberos/krb5-latest/doc/basic/keytab_def.html
  const std::string_view keytab = value_of(properties, kKeytab);
  const std::size_t colon = keytab.find(':');
  if (colon == std::string_view::npos || keytab.substr(0, colon).find('/') != std::string_view::npos) return keytab;
  const std::string_view type = keytab.substr(0, colon);
  return type == "FILE" || type == "WRFILE" ? keytab.substr(colon + 1) : "";
}

void check_kerberos(const Security& security, const PropertyMap& properties) {
  if (!is_gssapi(security)) return;
  const auto service = properties.find(std::string(kService));
  if (service != properties.end() &&
      (service->second.empty() || service->second.find_first_of("/@") != std::string::npos)) {
    refuse(
        fmt::format("Kafka property {}={} must be only the primary name of the brokers' principal: leave out "
                    "/host and @REALM, or leave out the property, whose default is kafka",
                    kService, printable(service->second, kShown)));
  }
  if (!logs_in_by_command(properties)) return;
  for (const std::string_view name : named_by_command(properties)) check_named_by_command(name, properties);
}

}  // namespace conveyor::kafka
