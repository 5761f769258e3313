#ifndef CONVEYOR_TESTS_SUPPORT_TOKEN_ENDPOINT_H_
#define CONVEYOR_TESTS_SUPPORT_TOKEN_ENDPOINT_H_

#include <atomic>
#include <chrono>
#include <string>
#include <thread>

namespace conveyor::tests {

/// Where OIDC clients get tokens: an HTTP server on 127.0.0.1 that gives everybody one of `subject`, without a
/// signature, as brokers take them that are only for tests.
///
/// Thread safety: all functions may be called from any thread.
class TokenEndpoint {
 public:
  /// @throws std::system_error
  TokenEndpoint(std::string subject, std::chrono::seconds life);
  ~TokenEndpoint();
  TokenEndpoint(const TokenEndpoint&) = delete;
  TokenEndpoint& operator=(const TokenEndpoint&) = delete;

  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/token"; }
  [[nodiscard]] int given() const noexcept { return given_; }

 private:
  void serve(const std::stop_token& stop);
  void answer(int connection);

  const std::string subject_;
  const std::chrono::seconds life_;
  int socket_ = -1;
  int port_ = 0;
  std::atomic<int> given_{0};
  std::jthread thread_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_TOKEN_ENDPOINT_H_
