#ifndef CONVEYOR_SRC_KAFKA_SASL_MECHANISM_H_
#define CONVEYOR_SRC_KAFKA_SASL_MECHANISM_H_

#include <map>
#include <string>
#include <string_view>

#include "kafka/security.h"

namespace conveyor::kafka {

// Checks what the SASL mechanism needs of the linked librdkafka and of the settings. Pure: no files, no client.

/// What the linked librdkafka supports.
struct ClientLibrary {
  int version = 0;            ///< as rd_kafka_version(): 0x020002ff is 2.0.2
  std::string features = {};  ///< its builtin.features, separated by commas
};

/// Refuses a mechanism that the library was built without.
/// @throws Error with errc::invalid_config, naming what is needed
void check_mechanism(const Security& security, const ClientLibrary& library);

/// Refuses OAUTHBEARER when this library does not support it. @throws Error with errc::invalid_config, naming what is
/// needed
void check_token_source(const Security& security, const std::map<std::string, std::string>& properties,
                        const ClientLibrary& library);

/// Refuses GSSAPI with invalid Kerberos names, or without what its log-in needs.
/// @throws Error with errc::invalid_config, naming the property
void check_kerberos(const Security& security, const std::map<std::string, std::string>& properties);

[[nodiscard]] bool is_oauthbearer(std::string_view mechanism);
/// Whether the client itself asks an endpoint for tokens.
[[nodiscard]] bool asks_for_tokens(const Security& security, const std::map<std::string, std::string>& properties);
/// The file with the key that the client logs in to Kerberos with. @return empty: it does not log in, or the key is in
/// no file
[[nodiscard]] std::string_view keytab_file(const Security& security,
                                           const std::map<std::string, std::string>& properties);

/// The URL without user, password and query, which may hold secrets.
[[nodiscard]] std::string shown_endpoint(std::string_view url);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_SASL_MECHANISM_H_
