#ifndef CONVEYOR_TESTS_SUPPORT_TOKEN_ENDPOINT_H_
#define CONVEYOR_TESTS_SUPPORT_TOKEN_ENDPOINT_H_

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include "conveyor/config.h"

namespace conveyor::tests {

/// Where OIDC clients get tokens: an HTTP server on 127.0.0.1 that gives everybody one of `subject`, without a
/// signature, as brokers take them that are only for tests.
///
/// Thread safety: all functions may be called from any thread.
class TokenEndpoint {
 public:
  enum class Answer {
    kToken,
    kUnauthorized,  ///< HTTP's 401
    kNothing,       ///< connections are taken by the kernel; who asks is kept waiting
  };

  /// @throws std::system_error
  TokenEndpoint(std::string subject, std::chrono::seconds life, Answer answer = Answer::kToken);
  ~TokenEndpoint();
  TokenEndpoint(const TokenEndpoint&) = delete;
  TokenEndpoint& operator=(const TokenEndpoint&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/token"; }
  [[nodiscard]] int given() const noexcept { return given_; }
  /// From now on, also to those who wait.
  void answer_with(Answer answer) noexcept { answer_ = answer; }
  /// These settings with tokens of this endpoint in place of a password.
  [[nodiscard]] Config used_by(Config config) const;

 private:
  void serve(const std::stop_token& stop);
  void answer(int connection);

  const std::string subject_;
  const std::chrono::seconds life_;
  std::atomic<Answer> answer_;
  int socket_ = -1;
  int port_ = 0;
  std::atomic<int> given_{0};
  std::jthread thread_;
};

/// Whether the linked librdkafka can ask an endpoint for tokens.
[[nodiscard]] bool has_oidc();

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_TOKEN_ENDPOINT_H_
