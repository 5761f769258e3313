#include "kafka/security.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/errors.h"

namespace conveyor::kafka {
namespace {

using tests::contains;
using tests::thrown_by;
using Map = std::map<std::string, std::string>;

const TlsOptions kTls{.enabled = true};
const SaslOptions kUser{.mechanism = "PLAIN", .username = "u", .password = "p"};

std::string protocol_of(const TlsOptions& tls, const SaslOptions& sasl, const Map& properties) {
  const auto security = security_of(tls, sasl, properties);
  const auto found = security.properties.find("security.protocol");
  return found != security.properties.end() ? found->second : "plaintext";
}

TEST(Security, PutsTypedSettingsAndPropertiesTogether) {
  struct Case {
    TlsOptions tls;
    SaslOptions sasl;
    Map properties;
    std::string protocol;
  };
  const Map names{{"sasl.mechanism", "PLAIN"}, {"sasl.username", "u"}};
  Map names_and_protocol = names;
  names_and_protocol["security.protocol"] = "SASL_SSL";
  const Case cases[] = {
      {{}, {}, {}, "plaintext"},
      {kTls, {}, {}, "ssl"},
      {{}, kUser, {}, "sasl_plaintext"},
      {kTls, kUser, {}, "sasl_ssl"},
      {{}, {}, {{"security.protocol", "SSL"}}, "ssl"},
      {kTls, kUser, {{"security.protocol", "SASL_SSL"}}, "sasl_ssl"},
      {{}, kUser, {{"security.protocol", "sasl_ssl"}}, "sasl_ssl"},
      {{}, kUser, {{"security.protocol", "SASL_PLAINTEXT"}}, "sasl_plaintext"},
      {{}, {}, {{"security.protocol", "PLAINTEXT"}}, "plaintext"},
      {{.ca_file = "ca"}, {}, {{"security.protocol", "SSL"}}, "ssl"},
      {kTls, {.password = "p"}, names, "sasl_ssl"},
      {{}, {.password = "p"}, names, "sasl_plaintext"},
      {{}, {.password = "p"}, names_and_protocol, "sasl_ssl"},
      {kTls, {}, {{"enable.ssl.certificate.verification", "true"}}, "ssl"},
      {{}, {}, {{"security.protocol", "ssl"}, {"enable.ssl.certificate.verification", "false"}}, "ssl"},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(protocol_of(one.tls, one.sasl, one.properties), one.protocol);
  }
  const auto security = security_of(kTls, {.password = "p"}, names);
  EXPECT_EQ(security.properties.at("sasl.password"), "p");
  EXPECT_EQ(security.properties.at("sasl.username"), "u");
  EXPECT_EQ(security.mechanism, "PLAIN");
}

TEST(Security, RefusesContradictionsNamingBothSides) {
  struct Case {
    TlsOptions tls;
    SaslOptions sasl;
    Map properties;
    std::vector<std::string_view> named;
  };
  const TlsOptions whole{
      .enabled = true, .ca_file = "ca", .certificate_file = "c", .key_file = "k", .key_password = "s"};
  const Case cases[] = {
      {kTls, {}, {{"security.protocol", "PLAINTEXT"}}, {"Config::tls.enabled", "security.protocol=PLAINTEXT"}},
      {kTls, kUser, {{"security.protocol", "SASL_PLAINTEXT"}}, {"Config::tls.enabled", "SASL_PLAINTEXT", "SASL_SSL"}},
      {kTls, kUser, {{"security.protocol", "ssl"}}, {"Config::sasl.mechanism", "security.protocol=ssl"}},
      {{}, kUser, {{"security.protocol", "plaintext"}}, {"Config::sasl.mechanism", "security.protocol=plaintext"}},
      {{}, {}, {{"sasl.mechanism", "PLAIN"}, {"security.protocol", "ssl"}}, {"SASL on", "security.protocol=ssl"}},
      {whole, {}, {{"ssl.ca.location", "x"}}, {"CONVEYOR_TLS_CA_FILE", "ssl.ca.location=x"}},
      {whole, {}, {{"ssl.ca.pem", "x"}}, {"CONVEYOR_TLS_CA_FILE", "ssl.ca.pem"}},
      {whole, {}, {{"ssl.certificate.location", "x"}}, {"CONVEYOR_TLS_CERTIFICATE_FILE", "ssl.certificate.location=x"}},
      {whole, {}, {{"ssl.certificate.pem", "x"}}, {"CONVEYOR_TLS_CERTIFICATE_FILE", "ssl.certificate.pem"}},
      {whole, {}, {{"ssl.keystore.location", "x"}}, {"CONVEYOR_TLS_CERTIFICATE_FILE", "ssl.keystore.location"}},
      {whole, {}, {{"ssl.key.location", "x"}}, {"CONVEYOR_TLS_KEY_FILE", "ssl.key.location=x"}},
      {whole, {}, {{"ssl.key.pem", "x"}}, {"CONVEYOR_TLS_KEY_FILE", "ssl.key.pem"}},
      {whole, {}, {{"ssl.key.password", "x"}}, {"CONVEYOR_TLS_KEY_PASSWORD", "Kafka property ssl.key.password"}},
      {whole, {}, {{"ssl.key.password", ""}}, {"CONVEYOR_TLS_KEY_PASSWORD", "Kafka property ssl.key.password"}},
      {{}, kUser, {{"sasl.mechanism", "GSSAPI"}}, {"CONVEYOR_SASL_MECHANISM", "sasl.mechanism=GSSAPI"}},
      {{}, kUser, {{"sasl.mechanisms", "GSSAPI"}}, {"CONVEYOR_SASL_MECHANISM", "sasl.mechanisms=GSSAPI"}},
      {{}, {}, {{"sasl.mechanism", "PLAIN"}, {"sasl.mechanisms", "GSSAPI"}}, {"sasl.mechanism=", "sasl.mechanisms="}},
      {{}, kUser, {{"sasl.username", "x"}}, {"CONVEYOR_SASL_USERNAME", "sasl.username=x"}},
      {{}, kUser, {{"sasl.password", "x"}}, {"CONVEYOR_SASL_PASSWORD", "Kafka property sasl.password"}},
      {kTls, {}, {{"enable.ssl.certificate.verification", "false"}}, {"Config::tls.enabled", "enable.ssl.cert"}},
      {kTls, {}, {{"ssl.endpoint.identification.algorithm", "none"}}, {"Config::tls.enabled", "ssl.endpoint"}},
  };
  for (const Case& one : cases) {
    const auto thrown = thrown_by([&] { (void)security_of(one.tls, one.sasl, one.properties); });
    EXPECT_EQ(thrown.code, errc::invalid_config) << one.named[1];
    for (const auto part : one.named) EXPECT_TRUE(contains(thrown.text, part));
  }
}

TEST(Security, RefusesWhatWouldNotBeLookedAt) {
  struct Case {
    TlsOptions tls;
    SaslOptions sasl;
    Map properties;
    std::string_view named;
  };
  const Case cases[] = {
      {{.ca_file = "ca"}, {}, {}, "Config::tls.enabled"},
      {{.key_password = "s"}, {}, {}, "Config::tls.enabled"},
      {{}, {}, {{"ssl.ca.location", "ca"}}, "ssl.ca.location"},
      {{}, {}, {{"ssl.ca.pem", "ca"}}, "ssl.ca.pem"},
      {{}, {}, {{"ssl.keystore.location", "k"}}, "ssl.keystore.location"},
      {{.ca_file = "ca"}, {}, {{"security.protocol", "sasl_plaintext"}}, "Config::tls.enabled"},
      {{}, {.username = "u"}, {}, "Config::sasl.mechanism"},
      {{}, {.password = "p"}, {}, "Config::sasl.mechanism"},
      {{}, {}, {{"sasl.username", "u"}}, "Config::sasl.mechanism"},
      {{}, {}, {{"security.protocol", "SASL_SSL"}, {"sasl.username", "u"}}, "Config::sasl.mechanism"},
      {{}, {}, {{"sasl.oauthbearer.client.secret", "s"}}, "sasl.oauthbearer.client.secret"},
      {{}, {}, {{"enable.sasl.oauthbearer.unsecure.jwt", "true"}}, "enable.sasl.oauthbearer.unsecure.jwt"},
      {{.enabled = true, .certificate_file = "c"}, {}, {}, "Config::tls.key_file"},
      {{.enabled = true, .key_file = "k"}, {}, {}, "Config::tls.certificate_file"},
      {kTls, {}, {{"ssl.certificate.pem", "c"}}, "Config::tls.key_file"},
      {kTls, {}, {{"security.protocol", "TLS"}}, "security.protocol=TLS"},
  };
  for (const Case& one : cases) {
    const auto thrown = thrown_by([&] { (void)security_of(one.tls, one.sasl, one.properties); });
    EXPECT_EQ(thrown.code, errc::invalid_config) << one.named;
    EXPECT_TRUE(contains(thrown.text, one.named));
  }
  EXPECT_NO_THROW((void)security_of(kTls, {}, {{"ssl.keystore.location", "k"}}));
  EXPECT_NO_THROW((void)security_of({.enabled = true, .certificate_file = "c"}, {}, {{"ssl.key.pem", "k"}}));
}

TEST(Security, ShowsNoSecret) {
  for (const std::string_view name :
       {"sasl.password", "ssl.key.password", "ssl.keystore.password", "ssl.key.pem", "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config", "sasl.oauthbearer.assertion.private.key.passphrase"}) {
    EXPECT_TRUE(is_secret_property(name)) << name;
  }
  EXPECT_FALSE(is_secret_property("sasl.username"));
  const TlsOptions tls{.enabled = true, .certificate_file = "c", .key_file = "k", .key_password = "hunter2"};
  EXPECT_FALSE(contains(thrown_by([&] {
                          (void)security_of(tls, {}, {{"ssl.key.password", "rabbit"}});
                        }).text,
                        "rabbit"));
  EXPECT_FALSE(contains(thrown_by([&] {
                          (void)security_of(tls, {}, {{"ssl.key.password", "rabbit"}});
                        }).text,
                        "hunter2"));
}

}  // namespace
}  // namespace conveyor::kafka
