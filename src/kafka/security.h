#ifndef CONVEYOR_SRC_KAFKA_SECURITY_H_
#define CONVEYOR_SRC_KAFKA_SECURITY_H_

#include <map>
#include <string>
#include <string_view>

#include "conveyor/config.h"

namespace conveyor::kafka {

/// How the connections to the brokers are secured.
struct Security {
  bool tls = false;
  bool sasl = false;
  std::string mechanism = {};                          ///< as the user wrote it; empty: librdkafka's default
  std::string token_endpoint = {};                     ///< the OAUTHBEARER token endpoint without secrets; or empty
  std::map<std::string, std::string> properties = {};  ///< the Kafka properties that set all of this
};

/// Combines Config's typed settings and the Kafka properties about the same things.
///
/// A property may turn TLS and SASL on, but never off. What is set twice must be set to the same value. What has an
/// effect only with TLS or SASL must not be set while that is off. Pure: no files, no client.
///
/// @throws Error with errc::invalid_config, naming both sides of a contradiction; secrets never appear in a text
[[nodiscard]] Security security_of(const TlsOptions& tls, const SaslOptions& sasl,
                                   const std::map<std::string, std::string>& properties);

/// Whether Security::properties decides about this property, even if it has no entry for it.
[[nodiscard]] bool is_security_property(std::string_view name);
/// Whether error texts must not show the property's value.
[[nodiscard]] bool is_secret_property(std::string_view name);

/// Opens the files that the settings name. @throws Error with errc::invalid_config, naming setting and file
void check_security_files(const Security& security, const std::map<std::string, std::string>& properties);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_SECURITY_H_
