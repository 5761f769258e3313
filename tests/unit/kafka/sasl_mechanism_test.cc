#include "kafka/sasl_mechanism.h"

#include <gtest/gtest.h>

#include <string>

#include "support/errors.h"

namespace conveyor::kafka {
namespace {

using tests::contains;
using tests::thrown_by;
using Map = std::map<std::string, std::string>;

const SaslOptions kUser{.mechanism = "PLAIN", .username = "u", .password = "p"};

Security of_mechanism(const std::string& mechanism) { return {.sasl = true, .mechanism = mechanism}; }

TEST(Mechanism, IsRefusedWhereTheLibraryWasBuiltWithoutIt) {
  constexpr char kAll[] = "ssl,sasl_gssapi,sasl_plain,sasl_scram,sasl_oauthbearer";
  constexpr int kVersion = 0x020f01ff;
  struct Case {
    std::string mechanism;
    std::string features;
    std::string says;  // empty: taken
  };
  const Case cases[] = {
      {"GSSAPI", "ssl,sasl_plain,sasl_scram,sasl_oauthbearer", "sasl_gssapi"},
      {"GSSAPI", "sasl_gssapi_of_another", "2.15.1"},
      {"", "ssl,sasl_plain", "GSSAPI, the default"},
      {"PLAIN", "ssl,sasl_gssapi", "sasl_plain"},
      {"SCRAM-SHA-256", "ssl,sasl_plain", "sasl_scram"},
      {"SCRAM-SHA-512", "ssl,sasl_plain", "SCRAM-SHA-512"},
      {"OAUTHBEARER", "ssl,sasl_plain", "CONVEYOR_SASL_MECHANISM"},
      {"GSSAPI", kAll, ""},
      {"", kAll, ""},
      {"PLAIN", kAll, ""},
      {"SCRAM-SHA-256", kAll, ""},
      {"OAUTHBEARER", kAll, ""},
      {"PLAINN", "", ""},  // librdkafka says it
  };
  for (const Case& one : cases) {
    const auto check = [&] { check_mechanism(of_mechanism(one.mechanism), {kVersion, one.features}); };
    if (one.says.empty()) {
      EXPECT_NO_THROW(check()) << one.mechanism;
      continue;
    }
    const auto thrown = thrown_by(check);
    EXPECT_EQ(thrown.code, errc::invalid_config) << one.mechanism;
    EXPECT_TRUE(contains(thrown.text, one.says));
  }
  EXPECT_NO_THROW(check_mechanism({}, {kVersion, ""}));
}

TEST(Kerberos, IsRefusedWithoutWhatItsLogInNeeds) {
  struct Case {
    Map properties;
    std::string says;  // empty: taken
  };
  const Case cases[] = {
      {{}, "sasl.kerberos.keytab"},
      {{{"sasl.kerberos.keytab", ""}}, "sasl.kerberos.keytab"},
      {{{"sasl.kerberos.keytab", "k"}, {"sasl.kerberos.principal", ""}}, "sasl.kerberos.principal"},
      {{{"sasl.kerberos.kinit.cmd", "kinit -k %{sasl.kerberos.keytab}"}}, "sasl.kerberos.keytab"},
      {{{"sasl.kerberos.kinit.cmd", "kinit -k %{sasl.kerberos.keytabs}"}}, "%{sasl.kerberos.keytabs}"},
      {{{"sasl.kerberos.kinit.cmd", "kinit -k %{sasl.kerberos.keytab"}}, "without a closing }"},
      {{{"sasl.kerberos.min.time.before.relogin", "1000"}}, "sasl.kerberos.min.time.before.relogin=0"},
      {{{"sasl.kerberos.min.time.before.relogin", "0"}, {"sasl.kerberos.service.name", "kafka/host@REALM"}}, "@REALM"},
      {{{"sasl.kerberos.min.time.before.relogin", "0"}, {"sasl.kerberos.service.name", ""}}, "service.name"},
      {{{"sasl.kerberos.keytab", "k"}}, ""},
      {{{"sasl.kerberos.keytab", "k"}, {"sasl.kerberos.service.name", "broker"}}, ""},
      {{{"sasl.kerberos.min.time.before.relogin", "0"}}, ""},
      {{{"sasl.kerberos.kinit.cmd", "true"}}, ""},
      {{{"sasl.kerberos.kinit.cmd", "kinit -c %{client.id}"}}, ""},
  };
  for (const Case& one : cases) {
    for (const std::string mechanism : {"GSSAPI", ""}) {
      const auto check = [&] { check_kerberos(of_mechanism(mechanism), one.properties); };
      if (one.says.empty()) {
        EXPECT_NO_THROW(check());
        continue;
      }
      const auto thrown = thrown_by(check);
      EXPECT_EQ(thrown.code, errc::invalid_config) << one.says;
      EXPECT_TRUE(contains(thrown.text, one.says));
    }
    EXPECT_NO_THROW(check_kerberos(of_mechanism("PLAIN"), one.properties));
    EXPECT_NO_THROW(check_kerberos({}, one.properties));
  }
}

TEST(Kerberos, ReadsTheFileOfAKeytab) {
  const Security gssapi = of_mechanism("GSSAPI");
  for (const auto& [keytab, file] : {std::pair{"/etc/a:b.keytab", "/etc/a:b.keytab"},
                                     {"FILE:/etc/k.keytab", "/etc/k.keytab"},
                                     {"WRFILE:k.keytab", "k.keytab"},
                                     {"MEMORY:k", ""},
                                     {"", ""}}) {
    EXPECT_EQ(keytab_file(gssapi, {{"sasl.kerberos.keytab", keytab}}), file) << keytab;
  }
  const Map unused{{"sasl.kerberos.keytab", "k"}, {"sasl.kerberos.kinit.cmd", "true"}};
  EXPECT_EQ(keytab_file(gssapi, unused), "");
  EXPECT_EQ(keytab_file(of_mechanism("PLAIN"), {{"sasl.kerberos.keytab", "k"}}), "");
}

TEST(TokenEndpoint, IsShownWithoutItsSecrets) {
  EXPECT_EQ(shown_endpoint("https://u:hunter2@idp.example:8443/a/token?secret=x#y"),
            "https://idp.example:8443/a/token");
  EXPECT_EQ(shown_endpoint("http://127.0.0.1:1/token@home"), "http://127.0.0.1:1/token@home");
  EXPECT_EQ(shown_endpoint("u:p@idp.example"), "idp.example");
  EXPECT_EQ(shown_endpoint("http://idp\x1b[2J"), "http://idp\\x1b[2J");
  EXPECT_EQ(shown_endpoint(""), "");
}

TEST(TokenSource, IsRefusedWhereTheLibraryCannotDoIt) {
  const SaslOptions bearer{.mechanism = "OAUTHBEARER"};
  const Map oidc{{"sasl.oauthbearer.method", "OIDC"}};
  const Map unsecured{{"enable.sasl.oauthbearer.unsecure.jwt", "true"}};
  struct Case {
    Map properties;
    ClientLibrary library;
    std::string says;  // empty: taken
  };
  const Case cases[] = {
      {oidc, {0x020002ff, "ssl,sasl_oauthbearer"}, "built without OIDC"},
      {oidc, {0x021001ff, "ssl,sasl_oauthbearer"}, "built without OIDC"},
      {oidc, {0x020002ff, "ssl,sasl_oauthbearer,oidc"}, ""},
      {unsecured, {0x020002ff, "sasl_oauthbearer"}, "2.2.0 or newer; 2.0.2"},
      {unsecured, {0x020101ff, "sasl_oauthbearer"}, "2.2.0 or newer; 2.1.1"},
      {unsecured, {0x020200ff, "sasl_oauthbearer"}, ""},
      {{}, {0x021001ff, "oidc"}, "sasl.oauthbearer.method=oidc"},
  };
  for (const Case& one : cases) {
    const auto security = security_of({}, bearer, one.properties);
    const auto check = [&] { check_token_source(security, one.properties, one.library); };
    if (one.says.empty()) {
      EXPECT_NO_THROW(check());
      continue;
    }
    const auto thrown = thrown_by(check);
    EXPECT_EQ(thrown.code, errc::invalid_config);
    EXPECT_TRUE(contains(thrown.text, one.says));
  }
  EXPECT_NO_THROW(check_token_source(security_of({}, kUser, {}), {}, {0x020002ff, ""}));
}

}  // namespace
}  // namespace conveyor::kafka
