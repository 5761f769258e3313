#ifndef WEB_SERVER_H_
#define WEB_SERVER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "web/feed.h"

namespace web {

struct Request {
  std::string method = {};  ///< GET or POST
  std::string path = {};    ///< decoded, without the query
  std::map<std::string, std::string> query = {};
  std::string body = {};
};

struct Response {
  int status = 200;
  std::string type = {};  ///< media type
  std::string body = {};
};

[[nodiscard]] Response html(std::string_view body);
[[nodiscard]] Response script(std::string_view body);  ///< JavaScript
[[nodiscard]] Response json(const nlohmann::json& body, int status = 200);
[[nodiscard]] Response jpeg(std::string body);
/// {"error": what} for a program, which a page shows as it is.
[[nodiscard]] Response problem(int status, std::string_view what);

/// Runs on the server's thread, so be quick. What it throws is answered as a problem with status 500.
using Handler = std::function<Response(const Request&)>;

struct ServerOptions {
  std::uint16_t port = 0;  ///< 0: any free one
};

/// A web server for pages that show live pictures. It listens on 127.0.0.1 only.
///
///     web::Server server({.port = 8080});
///     server.get("/", [](const web::Request&) { return web::html(kPage); });
///     web::Feed& feed = server.feed("/feed");
///     server.start();
///
/// It serves /web/feed.js and /web/style.css, which pages use. Requests that another site's page made are refused, by
/// their Host and Origin. A page's scripts must be files of their own (script()): browsers are told to run no others.
/// HEAD is answered as GET. A body may have 64 KiB; 256 connections may be open, those of feeds included.
///
/// Thread safety: get(), post(), feed() and start() on one thread; feeds from any.
class Server {
 public:
  /// @throws conveyor::Error with errc::invalid_config when the port is taken
  explicit Server(ServerOptions options = {});
  /// Closes all connections.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Before start(). @param path one that ends in '/' also takes everything below it, where nothing longer fits
  void get(const std::string& path, Handler handler);
  void post(const std::string& path, Handler handler);
  /// The feed that browsers join at this path. Before start(); it lives as long as the server.
  [[nodiscard]] Feed& feed(const std::string& path);
  void start();

  [[nodiscard]] std::uint16_t port() const noexcept;
  [[nodiscard]] std::string url() const;  ///< such as "http://127.0.0.1:8080/"

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace web

#endif  // WEB_SERVER_H_
