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

/// Encryption. Paths are PEM files.
struct TlsOptions {
  bool enabled = false;
  std::string ca_file = {};           ///< empty: the system's certificates
  std::string certificate_file = {};  ///< this client's, where the brokers ask for one
  std::string key_file = {};
  std::string key_password = {};
};

/// Who we are. Never logged.
struct SaslOptions {
  /// PLAIN; SCRAM-SHA-256 or SCRAM-SHA-512, which with Kafka 4 need librdkafka 2.6.1; OAUTHBEARER, which needs one
  /// built with OIDC. Empty: no SASL.
  std::string mechanism = {};
  std::string username = {};
  std::string password = {};
};

/// What producers, consumers and workers have in common: the cluster, who we are, limits, and any Kafka property.
///
///     conveyor::Config config{.bootstrap_servers = "kafka:9092", .group = "labelling"};
///     conveyor::Producer producer{conveyor::Config::from_env()};
///
/// A plain value; checked when a producer, consumer or worker is made from it.
struct Config {
  std::string bootstrap_servers = "localhost:9092";  ///< host:port, separated by commas
  std::string group = {};                            ///< consumer group; required to consume
  std::string service = "NOTSET";                    ///< Metadata.sending_service of what we send; UTF-8
  Environment environment = Environment::kDevelopment;

  /// Largest record sent (value as it travels, key and headers), bytes. Brokers accept 1,048,588 by default
  /// (message.max.bytes): raise the topic's max.message.bytes with it.
  std::size_t max_record_bytes = 1'000'000;
  /// Largest serialised message, sent or received, bytes; inflating stops here.
  std::size_t max_message_bytes = std::size_t{64} << 20;

  std::string topic_prefix = {};  ///< put before every channel's topic, such as "staging."
  /// Of a service that classifies images, what vision::ClassifierRegistry::make() makes: "onnx:egg.onnx",
  /// "plugin:./libbrightness.so". Core itself does not look at it.
  std::string classifier = {};
  TlsOptions tls = {};
  SaslOptions sasl = {};

  /// Any property of librdkafka 2.0.2 or newer. Unknown names are refused, naming the closest known one; so are those
  /// the library must control itself (enable.auto.commit, for one). What they say of TLS and SASL must agree with `tls`
  /// and `sasl`; they may complete those, but turn nothing off.
  std::map<std::string, std::string> properties = {};

  /// Log lines and events; empty: warnings and errors go to standard error.
  std::shared_ptr<Observer> observer = {};

  /// Reads CONVEYOR_BOOTSTRAP_SERVERS, _GROUP, _SERVICE, _ENVIRONMENT, _TOPIC_PREFIX, _CLASSIFIER, _MAX_RECORD_BYTES,
  /// _MAX_MESSAGE_BYTES, _TLS_ENABLED, _TLS_CA_FILE, _TLS_CERTIFICATE_FILE, _TLS_KEY_FILE, _TLS_KEY_PASSWORD,
  /// _SASL_MECHANISM, _SASL_USERNAME, _SASL_PASSWORD; CONVEYOR_CONFIG_FILE, a properties file that the others override;
  /// and CONVEYOR_KAFKA_<PROPERTY> for any Kafka property, dots as underscores (CONVEYOR_KAFKA_LINGER_MS=5).
  /// Where those are not set: LOG_TAG_SERVICE, LOG_TAG_GROUP and ENVIRONMENT, as MessageCorps names them.
  /// CONVEYOR_CACHE is left to the build scripts; what Kubernetes sets for a Service is passed over, such as
  /// CONVEYOR_SERVICE_HOST and CONVEYOR_KAFKA_PORT_9092_TCP_ADDR.
  /// @throws Error with errc::unknown_property for another CONVEYOR_ variable, errc::invalid_config for a bad value
  [[nodiscard]] static CONVEYOR_EXPORT Config from_env();

  /// Reads the format of java.util.Properties, in UTF-8 and up to 1 MiB: lines of `name=value` or `name: value`, `#` or
  /// `!` before comments, backslashes that escape and continue lines. Names are Kafka's (bootstrap.servers, group.id,
  /// security.protocol, ...) and, for our own settings, conveyor.service, conveyor.environment, conveyor.topic.prefix,
  /// conveyor.classifier, conveyor.max.record.bytes, conveyor.max.message.bytes, conveyor.tls.enabled,
  /// conveyor.tls.ca.file, conveyor.tls.certificate.file, conveyor.tls.key.file, conveyor.tls.key.password,
  /// conveyor.sasl.mechanism, conveyor.sasl.username and conveyor.sasl.password.
  /// @throws Error with errc::unknown_property or errc::invalid_config, naming file and line
  [[nodiscard]] static CONVEYOR_EXPORT Config from_file(const std::filesystem::path& path);

  /// Throws what making a producer or consumer from this would throw. It reads the files of certificates and keys,
  /// connects to nobody, and loads no plugins.
  /// @throws Error with errc::unknown_property or errc::invalid_config
  CONVEYOR_EXPORT void validate() const;
};

}  // namespace conveyor

#endif  // CONVEYOR_CONFIG_H_
