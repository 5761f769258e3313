#ifndef CONVEYOR_CONFIG_H_
#define CONVEYOR_CONFIG_H_

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "conveyor/export.h"
#include "conveyor/metadata.h"
#include "conveyor/observer.h"

namespace conveyor {

/// Encryption of the connections to the brokers. All paths name PEM files.
struct TlsOptions {
  bool enabled = false;
  std::string ca_file = {};           ///< authorities that sign the brokers' certificates; empty: the system's
  std::string certificate_file = {};  ///< this client's certificate, where the brokers require one
  std::string key_file = {};
  std::string key_password = {};
};

/// How the client authenticates. Never logged.
struct SaslOptions {
  /// PLAIN; SCRAM-SHA-256 or SCRAM-SHA-512 (with Kafka 4 brokers they need librdkafka 2.6.1); or OAUTHBEARER (needs a
  /// librdkafka built with OIDC). Empty: no SASL.
  std::string mechanism = {};
  std::string username = {};
  std::string password = {};
};

/// What producers, consumers and workers have in common: the cluster, credentials, limits, and any Kafka property.
///
///     conveyor::Config config{.bootstrap_servers = "kafka:9092", .group = "labelling"};
///     conveyor::Producer producer{conveyor::Config::from_env()};
///
/// A plain value. It is checked when a producer, consumer or worker is made from it.
struct Config {
  std::string bootstrap_servers = "localhost:9092";  ///< host:port, separated by commas
  std::string group = {};                            ///< consumer group; required to consume
  std::string service = "NOTSET";                    ///< becomes Metadata.sending_service of sent messages; UTF-8
  Environment environment = Environment::kDevelopment;

  /// The largest record that is sent, in bytes: value after compression, key and headers. Brokers accept 1,048,588
  /// bytes by default (message.max.bytes). If you raise this, raise the topic's max.message.bytes too.
  std::size_t max_record_bytes = 1'000'000;
  /// The largest serialised message that is sent or received, in bytes. Decompression stops at this size.
  std::size_t max_message_bytes = std::size_t{64} << 20;

  std::string topic_prefix = {};  ///< put before every channel's topic name, such as "staging."
  /// The classifier of a service that classifies images, as vision::ClassifierRegistry::make() reads it:
  /// "onnx:egg.onnx", "plugin:./libbrightness.so". The core library does not read it.
  std::string classifier = {};
  TlsOptions tls = {};
  SaslOptions sasl = {};

  /// Any property of librdkafka 2.0.2 or newer. Unknown names are refused with the closest known name. Properties
  /// that the library must control itself, such as enable.auto.commit, are refused too. TLS and SASL properties must
  /// agree with `tls` and `sasl`: they may add to them, but not turn anything off.
  std::map<std::string, std::string> properties = {};

  /// Receives log lines and events; empty: warnings and errors go to standard error.
  std::shared_ptr<Observer> observer = {};

  /// Reads CONVEYOR_BOOTSTRAP_SERVERS, _GROUP, _SERVICE, _ENVIRONMENT, _TOPIC_PREFIX, _CLASSIFIER, _MAX_RECORD_BYTES,
  /// _MAX_MESSAGE_BYTES, _TLS_ENABLED, _TLS_CA_FILE, _TLS_CERTIFICATE_FILE, _TLS_KEY_FILE, _TLS_KEY_PASSWORD,
  /// _SASL_MECHANISM, _SASL_USERNAME, _SASL_PASSWORD; CONVEYOR_CONFIG_FILE, a properties file that the other
  /// variables override; and CONVEYOR_KAFKA_<PROPERTY> for any Kafka property, with underscores for dots
  /// (CONVEYOR_KAFKA_LINGER_MS=5).
  /// Where those are not set, it reads LOG_TAG_SERVICE, LOG_TAG_GROUP and ENVIRONMENT, MessageCorps' names.
  /// It ignores CONVEYOR_CACHE, which the build scripts use, and the variables that Kubernetes sets for a Service,
  /// such as CONVEYOR_SERVICE_HOST and CONVEYOR_KAFKA_PORT_9092_TCP_ADDR.
  /// @throws Error with errc::unknown_property for any other CONVEYOR_ variable, errc::invalid_config for a bad value
  [[nodiscard]] static CONVEYOR_EXPORT Config from_env();

  /// Reads a file in the format of java.util.Properties, in UTF-8 and up to 1 MiB: lines of `name=value` or `name:
  /// value`; `#` or `!` begins a comment; a backslash escapes a character or continues the line. Names are Kafka's
  /// (bootstrap.servers, group.id, security.protocol, ...) and, for Conveyor's own settings, conveyor.service,
  /// conveyor.environment, conveyor.topic.prefix, conveyor.classifier, conveyor.max.record.bytes,
  /// conveyor.max.message.bytes, conveyor.tls.enabled, conveyor.tls.ca.file, conveyor.tls.certificate.file,
  /// conveyor.tls.key.file, conveyor.tls.key.password, conveyor.sasl.mechanism, conveyor.sasl.username and
  /// conveyor.sasl.password.
  /// @throws Error with errc::unknown_property or errc::invalid_config, naming file and line
  [[nodiscard]] static CONVEYOR_EXPORT Config from_file(const std::filesystem::path& path);

  /// Checks the settings as making a producer or consumer would. It opens the certificate and key files, but makes no
  /// connection and loads no librdkafka plugins.
  /// @throws Error with errc::unknown_property or errc::invalid_config
  CONVEYOR_EXPORT void validate() const;
};

}  // namespace conveyor

#endif  // CONVEYOR_CONFIG_H_
