#include "conveyor/config.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "conveyor/error.h"

namespace conveyor {
namespace {

/// Sets variables for one test and takes them away again.
class Variables {
 public:
  ~Variables() {
    for (const auto& name : names_) unsetenv(name.c_str());
  }
  Variables& set(const std::string& name, const std::string& value) {
    setenv(name.c_str(), value.c_str(), 1);
    names_.push_back(name);
    return *this;
  }

 private:
  std::vector<std::string> names_;
};

/// What is thrown must name all of `parts`.
template <class Call>
void expect_error(errc code, Call call, std::initializer_list<std::string_view> parts) {
  try {
    call();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    for (const auto part : parts) {
      EXPECT_NE(std::string_view(error.what()).find(part), std::string_view::npos) << error.what();
    }
  }
}

class PropertiesFile {
 public:
  explicit PropertiesFile(const std::string& text)
      : path_(std::filesystem::temp_directory_path() / ("conveyor-config-test-" + std::to_string(getpid()))) {
    std::ofstream(path_) << text;
  }
  ~PropertiesFile() { std::filesystem::remove(path_); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

TEST(ConfigFromEnv, HasWorkingDefaults) {
  const Config config = Config::from_env();
  EXPECT_EQ(config.bootstrap_servers, "localhost:9092");
  EXPECT_EQ(config.service, "NOTSET");
  EXPECT_EQ(config.environment, Environment::kDevelopment);
  EXPECT_EQ(config.max_message_bytes, std::size_t{64} << 20);
  config.validate();
}

TEST(ConfigFromEnv, ReadsEverySetting) {
  Variables variables;
  variables.set("CONVEYOR_BOOTSTRAP_SERVERS", "kafka:1")
      .set("CONVEYOR_GROUP", "g")
      .set("CONVEYOR_SERVICE", "s")
      .set("CONVEYOR_ENVIRONMENT", "production")
      .set("CONVEYOR_TOPIC_PREFIX", "p.")
      .set("CONVEYOR_CLASSIFIER", "onnx:egg.onnx?top=1")
      .set("CONVEYOR_MAX_RECORD_BYTES", "5000")
      .set("CONVEYOR_MAX_MESSAGE_BYTES", "6000")
      .set("CONVEYOR_TLS_ENABLED", "true")
      .set("CONVEYOR_TLS_CA_FILE", "ca.pem")
      .set("CONVEYOR_SASL_MECHANISM", "PLAIN")
      .set("CONVEYOR_SASL_USERNAME", "u")
      .set("CONVEYOR_SASL_PASSWORD", "secret")
      .set("CONVEYOR_KAFKA_LINGER_MS", "7")
      .set("CONVEYOR_CACHE", "ignored");
  const Config config = Config::from_env();
  EXPECT_EQ(config.bootstrap_servers, "kafka:1");
  EXPECT_EQ(config.group, "g");
  EXPECT_EQ(config.service, "s");
  EXPECT_EQ(config.environment, Environment::kProduction);
  EXPECT_EQ(config.topic_prefix, "p.");
  EXPECT_EQ(config.classifier, "onnx:egg.onnx?top=1");
  EXPECT_EQ(config.max_record_bytes, 5'000U);
  EXPECT_EQ(config.max_message_bytes, 6'000U);
  EXPECT_TRUE(config.tls.enabled);
  EXPECT_EQ(config.tls.ca_file, "ca.pem");
  EXPECT_EQ(config.sasl.mechanism, "PLAIN");
  EXPECT_EQ(config.sasl.username, "u");
  EXPECT_EQ(config.sasl.password, "secret");
  EXPECT_EQ(config.properties.at("linger.ms"), "7");
}

TEST(ConfigFromEnv, ReadsMessageCorpsNamesAndPrefersOurs) {
  Variables variables;
  variables.set("LOG_TAG_SERVICE", "theirs").set("LOG_TAG_GROUP", "group").set("ENVIRONMENT", "STAGING");
  EXPECT_EQ(Config::from_env().service, "theirs");
  EXPECT_EQ(Config::from_env().group, "group");
  EXPECT_EQ(Config::from_env().environment, Environment::kStaging);
  variables.set("CONVEYOR_SERVICE", "ours");
  EXPECT_EQ(Config::from_env().service, "ours");
}

TEST(ConfigFromEnv, RefusesAMistypedVariableNamingTheClosest) {
  Variables variables;
  variables.set("CONVEYOR_GRUOP", "g");
  expect_error(errc::unknown_property, [] { (void)Config::from_env(); }, {"CONVEYOR_GRUOP", "CONVEYOR_GROUP"});
}

TEST(ConfigFromEnv, RefusesAMistypedKafkaPropertyNamingTheClosest) {
  Variables variables;
  variables.set("CONVEYOR_KAFKA_LINGER_SM", "5");
  expect_error(errc::unknown_property, [] { (void)Config::from_env(); }, {"CONVEYOR_KAFKA_LINGER_SM", "linger.ms"});
}

TEST(ConfigFromEnv, NamesTheVariableOfABadValue) {
  Variables variables;
  variables.set("CONVEYOR_MAX_RECORD_BYTES", "1 MB");
  expect_error(errc::invalid_config, [] { (void)Config::from_env(); }, {"CONVEYOR_MAX_RECORD_BYTES", "1 MB"});
}

TEST(ConfigFromFile, ReadsKafkaNamesAndOurs) {
  const PropertiesFile file{
      "# a comment\n"
      "\n"
      "bootstrap.servers = kafka:1,kafka:2\r\n"
      "group.id=g\n"
      "conveyor.service=s\n"
      "conveyor.max.record.bytes=77\n"
      "sasl.jaas.config.like=\n"
      "linger.ms = 9\n"};
  expect_error(errc::unknown_property, [&] { (void)Config::from_file(file.path()); }, {":7", "sasl.jaas.config.like"});

  const PropertiesFile good{
      "bootstrap.servers = kafka:1,kafka:2\r\ngroup.id=g\nconveyor.service=s\nlinger.ms = 9\n"
      "conveyor.classifier = plugin:./libegg.so?a=b\n"};
  const Config config = Config::from_file(good.path());
  EXPECT_EQ(config.bootstrap_servers, "kafka:1,kafka:2");
  EXPECT_EQ(config.group, "g");
  EXPECT_EQ(config.service, "s");
  EXPECT_EQ(config.classifier, "plugin:./libegg.so?a=b");
  EXPECT_EQ(config.properties.at("linger.ms"), "9");
}

TEST(ConfigFromFile, NamesFileAndLineOfWhatIsWrong) {
  const PropertiesFile file{"group.id=g\nno equals sign\n"};
  expect_error(errc::invalid_config, [&] { (void)Config::from_file(file.path()); }, {file.path().string() + ":2"});
  expect_error(errc::invalid_config, [] { (void)Config::from_file("/nonexistent/file"); }, {"/nonexistent/file"});
}

TEST(ConfigFromFile, VariablesOverrideTheFileTheyName) {
  const PropertiesFile file{"group.id=file\nconveyor.service=file\n"};
  Variables variables;
  variables.set("CONVEYOR_CONFIG_FILE", file.path().string()).set("CONVEYOR_GROUP", "variable");
  EXPECT_EQ(Config::from_env().group, "variable");
  EXPECT_EQ(Config::from_env().service, "file");
}

TEST(Config, RefusesAnUnknownPropertyNamingTheClosest) {
  expect_error(errc::unknown_property,
               [] {
                 Config{.properties = {{"lingre.ms", "5"}}}.validate();
               },
               {"lingre.ms", "did you mean linger.ms?"});
}

TEST(Config, RefusesAValueTheClientDoesNotTake) {
  expect_error(errc::invalid_config, [] { Config{.properties = {{"linger.ms", "soon"}}}.validate(); }, {"linger.ms"});
}

TEST(Config, RefusesPropertiesThatPromisesHangOnAndSaysWhatToSet) {
  expect_error(errc::invalid_config,
               [] {
                 Config{.properties = {{"enable.auto.commit", "true"}}}.validate();
               },
               {"enable.auto.commit", "commits after the handler"});
  expect_error(errc::invalid_config, [] { Config{.properties = {{"group.id", "g"}}}.validate(); }, {"Config::group"});
}

TEST(Config, RefusesHalfASecurity) {
  expect_error(errc::invalid_config, [] { Config{.tls = {.ca_file = "ca.pem"}}.validate(); }, {"tls.enabled"});
  expect_error(errc::invalid_config, [] { Config{.sasl = {.username = "u"}}.validate(); }, {"sasl.mechanism"});
}

TEST(Config, RefusesAnIllegalPrefixAndNoServers) {
  expect_error(errc::invalid_config, [] { Config{.topic_prefix = "a/b"}.validate(); }, {"topic_prefix", "a/b"});
  expect_error(errc::invalid_config, [] { Config{.bootstrap_servers = ""}.validate(); }, {"bootstrap_servers"});
}

TEST(Config, RefusesTextsThatTravelAndAreNotUtf8) {
  expect_error(errc::invalid_config, [] { Config{.service = "caf\xe9"}.validate(); },
               {"Config::service", "caf\\xe9", "not UTF-8"});
  expect_error(errc::invalid_config, [] { Config{.group = "caf\xe9"}.validate(); }, {"Config::group", "not UTF-8"});
  EXPECT_NO_THROW((Config{.group = "caf\xc3\xa9", .service = "caf\xc3\xa9"}.validate()));
}

/// Settings that must be refused, naming all of `parts`.
void expect_refused(const Config& config, std::initializer_list<std::string_view> parts) {
  expect_error(
      errc::invalid_config, [&] { config.validate(); }, parts);
}

TEST(ConfigFromEnv, PassesOverWhatKubernetesSets) {
  Variables variables;
  variables.set("CONVEYOR_SERVICE_HOST", "10.0.0.11")
      .set("CONVEYOR_SERVICE_PORT", "9000")
      .set("CONVEYOR_SERVICE_PORT_HTTP", "9000")
      .set("CONVEYOR_PORT", "tcp://10.0.0.11:9000")
      .set("CONVEYOR_PORT_9000_TCP", "tcp://10.0.0.11:9000")
      .set("CONVEYOR_PORT_9000_TCP_PROTO", "tcp")
      .set("CONVEYOR_PORT_9000_TCP_PORT", "9000")
      .set("CONVEYOR_PORT_9000_TCP_ADDR", "10.0.0.11")
      .set("CONVEYOR_KAFKA_SERVICE_HOST", "10.0.0.12")
      .set("CONVEYOR_KAFKA_PORT", "tcp://10.0.0.12:9092")
      .set("CONVEYOR_DASHBOARD_SERVICE_PORT_HTTP", "80");
  const Config config = Config::from_env();
  EXPECT_EQ(config.service, "NOTSET");
  EXPECT_TRUE(config.properties.empty());
  variables.set("CONVEYOR_SERVISE", "reader");
  expect_error(errc::unknown_property, [] { (void)Config::from_env(); }, {"CONVEYOR_SERVISE", "CONVEYOR_SERVICE"});
}

TEST(ConfigFromEnv, APropertyDoesNotTurnOffWhatAVariableTurnedOn) {
  const PropertiesFile file{"security.protocol=SASL_PLAINTEXT\nsasl.mechanism=PLAIN\nsasl.username=u\n"};
  Variables variables;
  variables.set("CONVEYOR_CONFIG_FILE", file.path().string()).set("CONVEYOR_SASL_PASSWORD", "hunter2");
  Config::from_env().validate();
  variables.set("CONVEYOR_TLS_ENABLED", "true");
  expect_refused(Config::from_env(), {"CONVEYOR_TLS_ENABLED", "security.protocol=SASL_PLAINTEXT", "SASL_SSL"});
}

TEST(ConfigFromEnv, TheNamesMayStandInTheFileAndThePasswordInTheEnvironment) {
  const PropertiesFile file{"security.protocol=SASL_SSL\nsasl.mechanism=PLAIN\nsasl.username=u\n"};
  Variables variables;
  variables.set("CONVEYOR_CONFIG_FILE", file.path().string()).set("CONVEYOR_SASL_PASSWORD", "hunter2");
  Config::from_env().validate();
}

TEST(ConfigFromEnv, TwoPasswordsThatDifferAreRefusedAndNotShown) {
  const PropertiesFile file{"sasl.mechanism=PLAIN\nsasl.username=u\nsasl.password=oldOne\n"};
  Variables variables;
  variables.set("CONVEYOR_CONFIG_FILE", file.path().string()).set("CONVEYOR_SASL_PASSWORD", "newOne");
  try {
    Config::from_env().validate();
    FAIL();
  } catch (const Error& error) {
    const std::string_view text = error.what();
    EXPECT_NE(text.find("CONVEYOR_SASL_PASSWORD"), std::string_view::npos) << text;
    EXPECT_NE(text.find("Kafka property sasl.password"), std::string_view::npos) << text;
    EXPECT_EQ(text.find("oldOne"), std::string_view::npos) << text;
    EXPECT_EQ(text.find("newOne"), std::string_view::npos) << text;
  }
  variables.set("CONVEYOR_SASL_PASSWORD", "oldOne");
  Config::from_env().validate();
}

TEST(ConfigFromEnv, AFolderIsNoSettingsFile) {
  Variables variables;
  variables.set("CONVEYOR_CONFIG_FILE", std::filesystem::temp_directory_path().string());
  expect_error(errc::invalid_config, [] { (void)Config::from_env(); },
               {std::filesystem::temp_directory_path().string()});
}

TEST(ConfigFromEnv, ANameWithoutEndIsRefusedShortlyAndSoon) {
  Variables variables;
  variables.set("CONVEYOR_" + std::string(100'000, 'X'), "v");
  try {
    (void)Config::from_env();
    FAIL();
  } catch (const Error& error) {
    EXPECT_LT(std::string_view(error.what()).size(), 500U);
  }
}

TEST(ConfigFromFile, TakesJavasSeparatorsAndTellsNoSecrets) {
  const PropertiesFile good{"sasl.password: Secret8888=\nsasl.username u\n"};
  EXPECT_EQ(Config::from_file(good.path()).properties.at("sasl.password"), "Secret8888=");
  EXPECT_EQ(Config::from_file(good.path()).properties.at("sasl.username"), "u");
  for (const char* line :
       {"sasl.passwort: Secret8888=", "sasl.passwort Secret8888=", "conveyor.sasl.pass: Secret8888="}) {
    const PropertiesFile file{line};
    try {
      (void)Config::from_file(file.path());
      ADD_FAILURE() << line;
    } catch (const Error& error) {
      EXPECT_EQ(std::string_view(error.what()).find("Secret8888"), std::string_view::npos) << error.what();
    }
  }
}

TEST(ConfigFromFile, ShowsNothingThatATerminalObeys) {
  const PropertiesFile name{"lin\x1b[2Jger=5\n"};
  expect_error(errc::unknown_property, [&] { (void)Config::from_file(name.path()); }, {"lin\\x1b[2Jger"});
  const PropertiesFile value{"conveyor.tls.enabled=\x1b[2Jyes\n"};
  expect_error(errc::invalid_config, [&] { (void)Config::from_file(value.path()); }, {"\\x1b[2Jyes"});
}

TEST(Config, ValidateRefusesWhatMakingAClientWould) {
  const std::string missing = "/no/such/file.pem";
  const SaslOptions user{.mechanism = "PLAIN", .username = "u", .password = "p"};
  Config{.sasl = user}.validate();
  expect_refused({.sasl = {.mechanism = "PLAINN", .username = "u", .password = "p"}}, {"PLAINN"});
  expect_refused({.sasl = {.mechanism = "PLAIN"}}, {"sasl.username"});
  expect_refused({.tls = {.enabled = true, .ca_file = missing}}, {"CONVEYOR_TLS_CA_FILE", missing});
  expect_refused({.tls = {.enabled = true, .certificate_file = missing, .key_file = missing}},
                 {"CONVEYOR_TLS_CERTIFICATE_FILE", missing});
  expect_refused({.properties = {{"max.poll.interval.ms", "5000"}}}, {"max.poll.interval.ms", "session.timeout.ms"});
  expect_refused({.properties = {{"acks", "1"}}}, {"acks"});  // idempotence is on by default
  const PropertiesFile empty{""};
  expect_refused({.tls = {.enabled = true, .ca_file = empty.path().string()}}, {"ssl.ca.location"});
  expect_refused(
      {.tls = {.enabled = true, .certificate_file = empty.path().string(), .key_file = empty.path().string()}},
      {"ssl.certificate.location"});
}

TEST(Config, ValidateRefusesKerberosThatCannotLogIn) {
  const std::string missing = "/no/such/file.keytab";
  const auto gssapi = [](std::map<std::string, std::string> properties) {
    return Config{.sasl = {.mechanism = "GSSAPI"}, .properties = std::move(properties)};
  };
  const PropertiesFile keytab{"a key"};
  const Config good = gssapi({{"sasl.kerberos.keytab", keytab.path().string()}});
  try {
    good.validate();
  } catch (const Error& error) {  // librdkafka was built without
    EXPECT_NE(std::string_view(error.what()).find("sasl_gssapi is not among its builtin.features"),
              std::string_view::npos)
        << error.what();
    return;
  }
  expect_refused(gssapi({}), {"sasl.kerberos.keytab"});
  expect_refused(Config{.properties = {{"security.protocol", "sasl_plaintext"}}}, {"sasl.kerberos.keytab"});
  expect_refused(gssapi({{"sasl.kerberos.keytab", missing}}), {"sasl.kerberos.keytab", missing});
  expect_refused(gssapi({{"sasl.kerberos.keytab", std::filesystem::temp_directory_path().string()}}), {"a folder"});
  expect_refused(gssapi({{"sasl.kerberos.keytab", keytab.path().string()}, {"sasl.kerberos.service.name", "k/h"}}),
                 {"sasl.kerberos.service.name=k/h"});
}

TEST(Config, ValidateTakesACooperativeMemberThatNeverJoined) {
  Config{.group = "g", .properties = {{"partition.assignment.strategy", "cooperative-sticky"}}}.validate();
}

TEST(Config, ValidateLoadsNoPlugins) {
  Config{.properties = {{"plugin.library.paths", "/no/such/plugin.so"}}}.validate();
}

TEST(Config, RefusesAValueThatANulWouldCut) {
  Config config;
  config.sasl = {.mechanism = "PLAIN", .username = "u", .password = std::string("Abc\0Tail", 8)};
  expect_refused(config, {"sasl.password", "NUL"});
}

TEST(Config, NeverPutsASecretIntoAnError) {
  try {
    Config{.sasl = {.mechanism = "NONSENSE", .username = "u", .password = "hunter2"},
           .properties = {{"linger.ms", "x"}}}
        .validate();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(std::string_view(error.what()).find("hunter2"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace conveyor
