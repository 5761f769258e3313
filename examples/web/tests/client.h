#ifndef WEB_TESTS_CLIENT_H_
#define WEB_TESTS_CLIENT_H_

#include <nlohmann/json.hpp>
#include <string>

namespace web::tests {

struct Answer {
  int status = 0;
  std::string type = {};
  std::string body = {};

  [[nodiscard]] nlohmann::json json() const { return nlohmann::json::parse(body); }
};

/// @param url of a page of this machine, such as "http://127.0.0.1:8080/". @param target such as "/api/state?a=b"
/// @throws std::exception when nobody answers
[[nodiscard]] Answer get(const std::string& url, const std::string& target);
[[nodiscard]] Answer post(const std::string& url, const std::string& target);

/// The host and port that a URL names, such as "127.0.0.1:8080", and the port alone.
[[nodiscard]] std::string host_of(const std::string& url);
[[nodiscard]] unsigned short port_of(const std::string& url);

}  // namespace web::tests

#endif  // WEB_TESTS_CLIENT_H_
