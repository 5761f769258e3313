#include "kafka/rejection.h"

#include <algorithm>
#include <array>

#include "kafka/sasl_mechanism.h"

namespace conveyor::kafka {
namespace {

bool says(std::string_view complaint, std::string_view part) { return complaint.find(part) != std::string_view::npos; }

// The TLS alerts about a certificate (RFC 8446, section 6) that concern this client's certificate, in OpenSSL's words.
bool is_about_our_certificate(std::string_view complaint) {
  constexpr std::array<std::string_view, 8> kAlerts{"alert bad certificate",      "alert certificate expired",
                                                    "alert certificate revoked",  "alert certificate unknown",
                                                    "alert certificate required", "alert unsupported certificate",
                                                    "alert unknown ca",           "alert access denied"};
  return std::ranges::any_of(kAlerts, [&](std::string_view alert) { return says(complaint, alert); });
}

// librdkafka 2.2 and newer re-authenticate before a SASL session ends. If that comes too late, the broker has closed
// the connection, or takes the request for one of the next connection. The next attempt is as good as the first.
bool is_handshake_on_a_lost_connection(std::string_view complaint) {
  return says(complaint, "handshake failed: Local: Broker transport failure") ||
         says(complaint, "handshake failed: Broker: Request not valid in current SASL state");
}

}  // namespace

Rejection rejection_of(rd_kafka_resp_err_t error, std::string_view complaint) noexcept {
  // Check this first: a refusal by the token endpoint may mention certificates too.
  if (says(complaint, "OAUTHBEARER token") || says(complaint, "no token available")) return Rejection::kNoToken;
  if (is_about_our_certificate(complaint)) return Rejection::kCertificate;
  if (says(complaint, "unexpected eof") || says(complaint, "SSL connection closed by peer")) return Rejection::kHungUp;
  if (is_handshake_on_a_lost_connection(complaint)) return Rejection::kNone;
  switch (error) {
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
      return Rejection::kSasl;
    case RD_KAFKA_RESP_ERR__SSL:
      return Rejection::kTls;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      if (says(complaint, "require SASL authentication")) return Rejection::kNoSasl;
      if (says(complaint, "connecting to a SSL listener?")) return Rejection::kNoTls;
      return says(complaint, "SSL routines") ? Rejection::kTls : Rejection::kNone;
    default:
      return Rejection::kNone;
  }
}

bool is_final(Rejection rejection) noexcept {
  return rejection == Rejection::kSasl || rejection == Rejection::kTls || rejection == Rejection::kCertificate;
}

std::string advice_for(Rejection rejection, const Security& security, int library_version) {
  // before it, the nonce that Kafka 4 receives is not the one it later verifies
  constexpr int kScramFixed = 0x020601ff;
  switch (rejection) {
    case Rejection::kSasl:
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
    case Rejection::kNoToken:
      return "check Kafka property sasl.oauthbearer.token.endpoint.url (" + security.token_endpoint +
             "), that it is reachable, and sasl.oauthbearer.client.id and sasl.oauthbearer.client.secret";
    case Rejection::kTls:
      return "check Config::tls: that the brokers' listener has TLS, that Config::tls.ca_file (CONVEYOR_TLS_CA_FILE) "
             "has the authority of their certificates, and that these name the hosts of Config::bootstrap_servers and "
             "are not expired";
    case Rejection::kCertificate:
      return "the brokers refuse this client's certificate, or require one: check Config::tls.certificate_file and "
             "Config::tls.key_file (CONVEYOR_TLS_CERTIFICATE_FILE, CONVEYOR_TLS_KEY_FILE), the certificate's dates and "
             "who signed it";
    case Rejection::kHungUp:
      return "check Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS), or leave out Config::tls "
             "(CONVEYOR_TLS_ENABLED) if these brokers have no TLS";
    case Rejection::kNoTls:
      return "check Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS), and Config::tls.enabled "
             "(CONVEYOR_TLS_ENABLED) if these brokers require TLS";
    case Rejection::kNoSasl:
      return "check Config::sasl.mechanism (CONVEYOR_SASL_MECHANISM) if these brokers require SASL, and "
             "Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS)";
    case Rejection::kNone:
      break;
  }
  const std::string servers = "check Config::bootstrap_servers (CONVEYOR_BOOTSTRAP_SERVERS)";
  // Newer librdkafka versions give no reason when TLS is missing.
  return security.tls ? servers : servers + ", and Config::tls.enabled if these brokers require TLS";
}

}  // namespace conveyor::kafka
