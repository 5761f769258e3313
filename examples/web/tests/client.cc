#include "client.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <stdexcept>

namespace web::tests {
namespace {

namespace http = boost::beast::http;
using boost::asio::ip::tcp;

Answer ask(http::verb method, const std::string& url, const std::string& target) {
  boost::asio::io_context context;
  tcp::socket socket(context);
  socket.connect({boost::asio::ip::address_v4::loopback(), port_of(url)});
  http::request<http::empty_body> request{method, target, 11};
  request.set(http::field::host, host_of(url));
  request.prepare_payload();
  http::write(socket, request);
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.body_limit(std::size_t{64} << 20);
  http::read(socket, buffer, parser);
  const auto& response = parser.get();
  return {.status = static_cast<int>(response.result_int()),
          .type = std::string(response[http::field::content_type]),
          .body = response.body()};
}

}  // namespace

Answer get(const std::string& url, const std::string& target) { return ask(http::verb::get, url, target); }
Answer post(const std::string& url, const std::string& target) { return ask(http::verb::post, url, target); }

std::string host_of(const std::string& url) {
  const std::string start = "http://";
  const std::string host =
      url.starts_with(start) ? url.substr(start.size(), url.find('/', start.size()) - start.size()) : "";
  if (!host.starts_with("127.0.0.1:")) throw std::invalid_argument("not a page of this machine: \"" + url + "\"");
  return host;
}

unsigned short port_of(const std::string& url) {
  const std::string host = host_of(url);
  return static_cast<unsigned short>(std::stoi(host.substr(host.find(':') + 1)));
}

}  // namespace web::tests
