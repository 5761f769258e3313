#include "support/token_endpoint.h"

#include <arpa/inet.h>
#include <librdkafka/rdkafka.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace conveyor::tests {

namespace {

std::string base64url(std::string_view bytes) {
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  unsigned bits = 0;
  int count = 0;
  for (const char c : bytes) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += kDigits[bits >> count & 0x3F];
    }
  }
  if (count > 0) text += kDigits[bits << (6 - count) & 0x3F];
  return text;
}

std::string token_of(const std::string& subject, std::chrono::seconds life) {
  const auto now =
      std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch());
  const std::string claims = "{\"sub\":\"" + subject + "\",\"iat\":" + std::to_string(now.count()) +
                             ",\"exp\":" + std::to_string((now + life).count()) + "}";
  return base64url(R"({"alg":"none","typ":"JWT"})") + "." + base64url(claims) + ".";
}

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

bool readable(int descriptor, int within_ms) {
  pollfd wanted{.fd = descriptor, .events = POLLIN, .revents = 0};
  return poll(&wanted, 1, within_ms) == 1;
}

}  // namespace

TokenEndpoint::TokenEndpoint(std::string subject, std::chrono::seconds life, Answer answer)
    : subject_(std::move(subject)),
      life_(life),
      answer_(answer),
      socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (socket_ < 0) fail("a socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(socket_, reinterpret_cast<sockaddr*>(&address), size) != 0 || listen(socket_, 16) != 0 ||
      getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    fail("a port for tokens");
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
}

TokenEndpoint::~TokenEndpoint() {
  thread_.request_stop();
  thread_.join();
  close(socket_);
}

void TokenEndpoint::serve(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    if (answer_ == Answer::kNothing) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      continue;
    }
    if (!readable(socket_, 50)) continue;
    const int connection = accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    answer(connection);
    close(connection);
  }
}

// Reads the request to the end of its body, which says who asks.
void TokenEndpoint::answer(int connection) {
  constexpr std::size_t kLongest = 65'536;
  std::string request;
  std::array<char, 4'096> part{};
  while (request.find("client_credentials") == std::string::npos && request.size() < kLongest &&
         readable(connection, 2'000)) {
    const ssize_t read = recv(connection, part.data(), part.size(), 0);
    if (read <= 0) return;
    request.append(part.data(), static_cast<std::size_t>(read));
  }
  const bool gives = answer_ == Answer::kToken;
  const std::string token = "{\"access_token\":\"" + token_of(subject_, life_) +
                            "\",\"token_type\":\"Bearer\",\"expires_in\":" + std::to_string(life_.count()) + "}";
  const std::string body = gives ? token : R"({"error":"invalid_client"})";
  const std::string response =
      "HTTP/1.1 " + std::string(gives ? "200 OK" : "401 Unauthorized") +
      "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  if (send(connection, response.data(), response.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(response.size())) {
    given_ += gives ? 1 : 0;
  }
}

Config TokenEndpoint::used_by(Config config) const {
  config.sasl = {.mechanism = "OAUTHBEARER"};
  config.properties["sasl.oauthbearer.method"] = "oidc";
  config.properties["sasl.oauthbearer.client.id"] = "conveyor";
  config.properties["sasl.oauthbearer.client.secret"] = "not looked at";
  config.properties["sasl.oauthbearer.token.endpoint.url"] = url();
  return config;
}

bool has_oidc() {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  std::array<char, 512> features{};
  std::size_t size = features.size();
  rd_kafka_conf_get(conf, "builtin.features", features.data(), &size);
  rd_kafka_conf_destroy(conf);
  return (std::string(",") + features.data() + ",").find(",oidc,") != std::string::npos;
}

}  // namespace conveyor::tests
