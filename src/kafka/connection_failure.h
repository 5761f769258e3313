#ifndef CONVEYOR_SRC_KAFKA_CONNECTION_FAILURE_H_
#define CONVEYOR_SRC_KAFKA_CONNECTION_FAILURE_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <string>
#include <string_view>

#include "kafka/security.h"

namespace conveyor::kafka {

/// Why connections to the brokers fail.
enum class ConnectionFailure {
  kNone,         ///< nobody answers, as far as the client can tell
  kSasl,         ///< the brokers refuse the SASL credentials
  kNoToken,      ///< the endpoint for OAUTHBEARER tokens sends no token
  kTls,          ///< TLS fails: the certificates, host names or dates are not accepted
  kCertificate,  ///< the brokers refuse this client's certificate, or require one
  kHungUp,       ///< the connection is closed when TLS begins: a listener without TLS, or a proxy without brokers
  kNoTls,        ///< the brokers seem to require TLS
  kNoSasl,       ///< the brokers seem to require SASL
};

/// @param error_text librdkafka's error text; the code alone does not suffice, because any error before a handshake ends
/// is _TRANSPORT
[[nodiscard]] ConnectionFailure connection_failure_of(rd_kafka_resp_err_t error, std::string_view error_text) noexcept;

/// Whether waiting does not help, because somebody has to change something.
[[nodiscard]] bool is_final(ConnectionFailure failure) noexcept;

/// Which settings to check. @param security that of the client
[[nodiscard]] std::string advice_for(ConnectionFailure failure, const Security& security, int library_version);

/// Decides when a client without an answer is being refused rather than ignored, so that waiting longer does not help.
///
/// Pure: no threads, no broker; it is told the client's errors. librdkafka reports the same error twice and then not
/// for 30 seconds, while it keeps trying.
class ConnectionFailureWatch {
 public:
  using Clock = std::chrono::steady_clock;

  void failed(ConnectionFailure failure, Clock::time_point now) noexcept {
    if (!kafka::is_final(failure)) {
      times_ = 0;
      return;
    }
    if (times_ == 0 || now - last_ > kForgottenAfter) {
      times_ = 0;
      since_ = now;
    }
    ++times_;
    last_ = now;
  }
  /// A broker that has just started may refuse a user that it does not know yet. And a broker that refused long ago may
  /// have accepted the client since, because librdkafka reports errors only.
  [[nodiscard]] bool is_final(Clock::time_point now) const noexcept {
    return times_ >= kTimes && now - since_ >= kFor && now - last_ <= kForgottenAfter;
  }

 private:
  static constexpr int kTimes = 2;
  static constexpr std::chrono::seconds kFor{5};
  static constexpr std::chrono::seconds kForgottenAfter{60};  // twice the time that librdkafka keeps silent

  int times_ = 0;
  Clock::time_point since_ = {};
  Clock::time_point last_ = {};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_CONNECTION_FAILURE_H_
