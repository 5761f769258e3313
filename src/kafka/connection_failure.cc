#include "kafka/connection_failure.h"

#include <algorithm>
#include <array>

#include "kafka/sasl_mechanism.h"

namespace conveyor::kafka {
namespace {

bool says(std::string_view error_text, std::string_view part) {
  return error_text.find(part) != std::string_view::npos;
}

// The TLS alerts about a certificate (RFC 8446, section 6) that concern this client's certificate, in OpenSSL's words.
bool is_about_our_certificate(std::string_view error_text) {
  constexpr std::array<std::string_view, 8> kAlerts{"alert bad certificate",      "alert certificate expired",
                                                    "alert certificate revoked",  "alert certificate unknown",
                                                    "alert certificate required", "alert unsupported certificate",
                                                    "alert unknown ca",           "alert access denied"};
  return std::ranges::any_of(kAlerts, [&](std::string_view alert) { return says(error_text, alert); });
}

// librdkafka 2.2 and newer re-authenticate before a SASL session ends. If that comes too late, the broker has closed
// the connection, or takes the request for one of the next connection. The next attempt is as good as the first.
bool is_handshake_on_a_lost_connection(std::string_view error_text) {
  return says(error_text, "handshake failed: Local: Broker transport failure") ||
         says(error_text, "handshake failed: Broker: Request not valid in current SASL state");
}

}  // namespace

ConnectionFailure connection_failure_of(rd_kafka_resp_err_t error, std::string_view error_text) noexcept {
  // Check this first: a refusal by the token endpoint may mention certificates too.
  if (says(error_text, "OAUTHBEARER token") || says(error_text, "no token available"))
    return ConnectionFailure::kNoToken;
  if (is_about_our_certificate(error_text)) return ConnectionFailure::kCertificate;
  if (says(error_text, "unexpected eof") || says(error_text, "SSL connection closed by peer"))
    return ConnectionFailure::kHungUp;
  if (is_handshake_on_a_lost_connection(error_text)) return ConnectionFailure::kNone;
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return ConnectionFailure::kSasl;
    case RD_KAFKA_RESP_ERR__SSL:
      return ConnectionFailure::kTls;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      if (says(error_text, "require SASL authentication")) return ConnectionFailure::kNoSasl;
      if (says(error_text, "connecting to a SSL listener?")) return ConnectionFailure::kNoTls;
      return says(error_text, "SSL routines") ? ConnectionFailure::kTls : ConnectionFailure::kNone;
    default:
      return ConnectionFailure::kNone;
  }
}

bool is_final(ConnectionFailure failure) noexcept {
  return failure == ConnectionFailure::kSasl || failure == ConnectionFailure::kTls ||
         failure == ConnectionFailure::kCertificate;
}

std::string advice_for(ConnectionFailure failure, const Security& security, int library_version) {
  // before it, the nonce that Kafka 4 receives is not the one it later verifies
  constexpr int kScramFixed = 0x020601ff;
  switch (failure) {
    case ConnectionFailure::kSasl:
      if (security.mechanism.starts_with("SCRAM") && library_version < kScramFixed) {
        return "check Config::sasl; brokers of Kafka 4 refuse even a right password of SCRAM-SHA-256 and "
               "SCRAM-SHA-512 from librdkafka before 2.6.1, and an older one is linked";
      }
      if (is_oauthbearer(security.mechanism)) {
        return "the brokers refuse this token: check Config::sasl.mechanism (CONVEYOR_SASL_MECHANISM) and Kafka "
               "properties sasl.oauthbearer.*";
      }
      return "check Config::sasl: mechanism, username and password (CONVEYOR_SASL_MECHANISM, CONVEYOR_SASL_USERNAME, "
             "CONVEYOR_SASL_PASSWORD)";
    case ConnectionFailure::kNoToken:
      return "check Kafka property sasl.oauthbearer.token.endpoint.url (" + security.token_endpoint +
             "), that it is reachable, and sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret";
    case ConnectionFailure::kTls:
      return "check Config::tls: that the brokers' listener has TLS, that Config::tls.ca_file (CONVEYOR_TLS_CA_FILE) "
             "has the authority of their certificates, and that these name the hosts of Config::bootstrap_servers and "
             "are not expired";
    case ConnectionFailure::kCertificate:
      return "the brokers refuse this client's certificate, or require one: check Config::tls.certificate_file and "
             "Config::tls.key_file (CONVEYOR_TLS_CERTIFICATE_FILE, CONVEYOR_TLS_KEY_FILE), the certificate's dates and "
             "who signed it";
    case ConnectionFailure::kHungUp:
      return "check Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS), or leave out Config::tls "
             "(CONVEYOR_TLS_ENABLED) if these brokers have no TLS";
    case ConnectionFailure::kNoTls:
      return "check Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS), and Config::tls.enabled "
             "(CONVEYOR_TLS_ENABLED) if these brokers require TLS";
    case ConnectionFailure::kNoSasl:
      return "check Config::sasl.mechanism (CONVEYOR_SASL_MECHANISM) if these brokers require SASL, and "
             "Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS)";
    case ConnectionFailure::kNone:
      break;
  }
  const std::string servers = "check Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS)";
  // Newer librdkafka versions give no reason when TLS is missing.
  return security.tls ? servers : servers + ", and Config::tls.enabled if these brokers require TLS";
}

}  // namespace conveyor::kafka
