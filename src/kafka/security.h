#ifndef CONVEYOR_SRC_KAFKA_SECURITY_H_
#define CONVEYOR_SRC_KAFKA_SECURITY_H_

#include <map>
#include <string>
#include <string_view>

#include "conveyor/config.h"

namespace conveyor::kafka {

/// How connections are secured.
struct Security {
  bool tls = false;
  bool sasl = false;
  std::string mechanism = {};                          ///< as it was written; empty: librdkafka's own default
  std::string token_endpoint = {};                     ///< of OAUTHBEARER, without what is secret in it; or empty
  std::map<std::string, std::string> properties = {};  ///< the Kafka properties that say all this
};

/// Config's typed settings and the Kafka properties that speak of the same things, as one.
///
/// A property may turn TLS and SASL on, never off; what is set twice must be said alike; and nothing may be set that
/// only counts with TLS or SASL while that is off. A decision without files and without a client.
///
/// @throws Error with errc::invalid_config naming both sides of a contradiction; secrets are in no text
[[nodiscard]] Security security_of(const TlsOptions& tls, const SaslOptions& sasl,
                                   const std::map<std::string, std::string>& properties);

/// Whether Security::properties holds what is to be set for this property, be it nothing.
[[nodiscard]] bool is_security_property(std::string_view name);
/// Whether the property's value must not be shown.
[[nodiscard]] bool is_secret_property(std::string_view name);

/// Opens the files that the settings name. @throws Error with errc::invalid_config naming setting and file
void check_security_files(const Security& security, const std::map<std::string, std::string>& properties);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_SECURITY_H_
