#ifndef CONVEYOR_SRC_KAFKA_REJECTION_H_
#define CONVEYOR_SRC_KAFKA_REJECTION_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <string>
#include <string_view>

#include "kafka/security.h"

namespace conveyor::kafka {

/// Why connections come to nothing.
enum class Rejection {
  kNone,         ///< nobody answers, as far as the client can tell
  kSasl,         ///< the brokers do not believe who we are
  kNoToken,      ///< the endpoint of OAUTHBEARER's tokens gives none
  kTls,          ///< no TLS that both sides accept: certificates, host names, dates
  kCertificate,  ///< the brokers refuse the certificate of this client, or miss it
  kHungUp,       ///< somebody ends the connection when TLS begins: a listener without TLS, or a proxy without brokers
  kNoTls,        ///< the brokers seem to want TLS
  kNoSasl,       ///< the brokers seem to want SASL
};

/// @param complaint librdkafka's text: an error on the way to a handshake is _TRANSPORT, whatever it is
[[nodiscard]] Rejection rejection_of(rd_kafka_resp_err_t error, std::string_view complaint) noexcept;

/// Whether waiting does not help: somebody has to change something.
[[nodiscard]] bool is_final(Rejection rejection) noexcept;

/// Which settings to look at. @param security of the client
[[nodiscard]] std::string advice_for(Rejection rejection, const Security& security, int library_version);

/// When a client that gets no answer is being refused rather than ignored, and need not wait for its patience to end.
///
/// A decision without threads or broker: it is told what the client complains of. librdkafka tells a complaint that
/// stays the same twice, and then not for 30 seconds, while it goes on trying.
class RejectionWatch {
 public:
  using Clock = std::chrono::steady_clock;

  void complaint(Rejection rejection, Clock::time_point now) noexcept {
    if (!kafka::is_final(rejection)) {
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
  /// A broker that has just started may refuse whom it does not know yet, and one that refused long ago may have let
  /// the client in since: librdkafka tells complaints only.
  [[nodiscard]] bool is_final(Clock::time_point now) const noexcept {
    return times_ >= kTimes && now - since_ >= kFor && now - last_ <= kForgottenAfter;
  }

 private:
  static constexpr int kTimes = 2;
  static constexpr std::chrono::seconds kFor{5};
  static constexpr std::chrono::seconds kForgottenAfter{60};  // twice as long as librdkafka keeps silent

  int times_ = 0;
  Clock::time_point since_ = {};
  Clock::time_point last_ = {};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_REJECTION_H_
