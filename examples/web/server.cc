#include "web/server.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <cstdio>
#include <deque>
#include <exception>
#include <optional>
#include <thread>
#include <utility>

#include "conveyor/error.h"
#include "feed.js.h"
#include "style.css.h"
#include "web/url.h"

namespace web {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;
using asio::ip::tcp;

constexpr std::size_t kMostConnections = 256;
constexpr std::size_t kLargestBody = std::size_t{64} << 10;
constexpr std::size_t kLargestAnswer = std::size_t{4} << 10;
constexpr std::size_t kMostNotes = 64;
constexpr std::chrono::seconds kPatience{30};

struct Route {
  std::string method;
  std::string path;
  Handler handler;
};

/// What all connections share. It lives longer than any of them.
struct Site {
  std::vector<Route> routes = {};
  std::map<std::string, Feed> feeds = {};
  std::uint16_t port = 0;
  std::size_t connections = 0;  // viewers too; on the server's thread alone

  /// The longest route that fits. @return null when there is none
  [[nodiscard]] const Route* find(std::string_view method, std::string_view path) const {
    const Route* best = nullptr;
    for (const Route& route : routes) {
      const bool fits =
          path == route.path || (route.path.ends_with('/') && route.path.size() > 1 && path.starts_with(route.path));
      if (fits && route.method == method && (!best || route.path.size() > best->path.size())) best = &route;
    }
    return best;
  }
};

/// One of the connections that may be open. It moves on when a connection becomes a viewer's.
class Place {
 public:
  explicit Place(Site& site) : site_(&site) { ++site.connections; }
  ~Place() {
    if (site_) --site_->connections;
  }
  Place(Place&& other) noexcept : site_(std::exchange(other.site_, nullptr)) {}
  Place& operator=(Place&&) = delete;

 private:
  Site* site_;
};

/// A browser that watches a feed. Everything but send() runs on the server's thread.
class Viewer : public std::enable_shared_from_this<Viewer> {
 public:
  Viewer(beast::tcp_stream stream, Feed& feed, Place place)
      : place_(std::move(place)), socket_(std::move(stream)), feed_(feed) {}
  ~Viewer() {
    if (id_ != 0) feed_.leave(id_);
  }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  void accept(const http::request<http::string_body>& request) {
    beast::get_lowest_layer(socket_).expires_never();
    socket_.set_option(websocket::stream_base::timeout::suggested(beast::role_type::server));
    socket_.read_message_max(kLargestAnswer);
    socket_.async_accept(request, [self = shared_from_this()](beast::error_code error) {
      if (!error) self->join();
    });
  }

 private:
  struct Message {
    std::shared_ptr<const std::string> bytes;
    bool binary;
  };

  void join() {
    id_ = feed_.join([weak = weak_from_this(), executor = socket_.get_executor()](auto bytes, bool binary) {
      asio::post(executor, [weak, bytes = std::move(bytes), binary] {
        if (const auto self = weak.lock()) self->send({bytes, binary});
      });
    });
    read();
  }

  void send(Message message) {
    if (!message.binary) drop_oldest_note();
    // The feed bounds how many frames wait here.
    outgoing_.push_back(std::move(message));
    if (!writing_) write();
  }

  void drop_oldest_note() {
    std::size_t notes = 0;
    for (const Message& each : outgoing_) notes += each.binary ? 0 : 1;
    if (notes < kMostNotes) return;
    const auto oldest = std::find_if(outgoing_.begin(), outgoing_.end(), [](const auto& each) { return !each.binary; });
    outgoing_.erase(oldest);
  }

  void write() {
    writing_ = outgoing_.front();
    outgoing_.pop_front();
    socket_.binary(writing_->binary);
    socket_.async_write(asio::buffer(*writing_->bytes),
                        [self = shared_from_this()](beast::error_code error, std::size_t) {
                          self->writing_.reset();
                          if (error) return;
                          if (!self->outgoing_.empty()) self->write();
                        });
  }

  void read() {
    socket_.async_read(incoming_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (error) return self->close();
      self->feed_.answer(self->id_, beast::buffers_to_string(self->incoming_.data()));
      self->incoming_.clear();
      self->read();
    });
  }

  /// Frames that this browser has not answered are let go at once, whatever else still holds the connection.
  void close() {
    feed_.leave(std::exchange(id_, 0));
    beast::get_lowest_layer(socket_).close();
  }

  Place place_;
  websocket::stream<beast::tcp_stream> socket_;
  Feed& feed_;
  ViewerId id_ = 0;
  beast::flat_buffer incoming_;
  std::deque<Message> outgoing_;
  std::optional<Message> writing_;
};

/// A connection that asks for pages, until it becomes a viewer's.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, Site& site) : stream_(std::move(socket)), site_(site), place_(site) {}

  void read() {
    parser_.emplace();
    parser_->body_limit(kLargestBody);
    stream_.expires_after(kPatience);
    http::async_read(stream_, buffer_, *parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) { self->on_read(error); });
  }

 private:
  void on_read(beast::error_code error) {
    if (error == http::error::body_limit) return answer(problem(413, "the body is larger than 64 KiB"), false);
    if (error) return;
    const auto request = parser_->release();
    if (!from_here(request)) return answer(problem(403, "only pages of this server may ask"), false);
    const auto target = parse_target(std::string_view(request.target().data(), request.target().size()));
    if (!target) return answer(problem(400, "the address is not valid"), false);
    if (websocket::is_upgrade(request)) {
      const auto feed = site_.feeds.find(target->path);
      if (feed == site_.feeds.end()) return answer(problem(404, "there is no feed here"), false);
      return std::make_shared<Viewer>(std::move(stream_), feed->second, std::move(place_))->accept(request);
    }
    head_ = request.method() == http::verb::head;
    const auto name = http::to_string(head_ ? http::verb::get : request.method());
    answer(respond({std::string(name.data(), name.size()), target->path, target->query, request.body()}),
           request.keep_alive());
  }

  [[nodiscard]] bool from_here(const http::request<http::string_body>& request) const {
    const auto view = [](beast::string_view text) { return std::string_view(text.data(), text.size()); };
    const auto origin = request.find(http::field::origin);
    return is_local(view(request[http::field::host]),
                    origin == request.end() ? std::nullopt : std::optional(view(origin->value())), site_.port);
  }

  [[nodiscard]] Response respond(const Request& request) const {
    const Route* route = site_.find(request.method, request.path);
    if (!route) {
      const bool other_method = site_.find("GET", request.path) || site_.find("POST", request.path);
      return other_method ? problem(405, "this address takes another method") : problem(404, "there is nothing here");
    }
    try {
      return route->handler(request);
    } catch (const std::exception& error) {
      std::fprintf(stderr, "web: %s %s: %s\n", request.method.c_str(), request.path.c_str(), error.what());
      return problem(500, error.what());
    }
  }

  void answer(Response response, bool keep_alive) {
    response_.emplace();
    response_->result(static_cast<unsigned>(response.status));
    response_->set(http::field::content_type, response.type);
    response_->set(http::field::cache_control, "no-store");
    response_->set("X-Content-Type-Options", "nosniff");
    response_->set(
        "Content-Security-Policy",
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' blob: data:; frame-ancestors 'none'");
    response_->keep_alive(keep_alive);
    const std::size_t size = response.body.size();
    if (!head_) response_->body() = std::move(response.body);
    response_->prepare_payload();
    if (head_) response_->content_length(size);
    stream_.expires_after(kPatience);
    http::async_write(stream_, *response_,
                      [self = shared_from_this(), keep_alive](beast::error_code error, std::size_t) {
                        if (error) return;
                        if (keep_alive) return self->read();
                        self->stream_.socket().shutdown(tcp::socket::shutdown_send, error);
                      });
  }

  beast::tcp_stream stream_;
  Site& site_;
  Place place_;
  beast::flat_buffer buffer_{std::size_t{128} << 10};
  std::optional<http::request_parser<http::string_body>> parser_;
  std::optional<http::response<http::string_body>> response_;
  bool head_ = false;
};

}  // namespace

struct Server::State {
  Site site = {};  // before the connections, so that it outlives them
  asio::io_context context{1};
  tcp::acceptor acceptor{context};
  asio::steady_timer pause{context};
  std::jthread thread = {};

  void accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) return accept_later();
      if (site.connections < kMostConnections) {
        socket.set_option(tcp::no_delay(true));
        std::make_shared<Connection>(std::move(socket), site)->read();
      }
      accept();
    });
  }

  /// No more files may be open, or the like: trying at once would only keep a processor busy.
  void accept_later() {
    pause.expires_after(std::chrono::milliseconds(100));
    pause.async_wait([this](beast::error_code error) {
      if (!error) accept();
    });
  }
};

Server::Server(ServerOptions options) : state_(std::make_unique<State>()) {
  const tcp::endpoint here(asio::ip::address_v4::loopback(), options.port);
  state_->acceptor.open(here.protocol());
  state_->acceptor.set_option(asio::socket_base::reuse_address(true));
  beast::error_code error;
  state_->acceptor.bind(here, error);
  if (!error) state_->acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) {
    throw conveyor::Error(conveyor::errc::invalid_config, "cannot listen on port " + std::to_string(options.port) +
                                                              ": " + error.message() + "; --port 0 takes any free one");
  }
  state_->site.port = state_->acceptor.local_endpoint().port();
  get("/web/feed.js", [](const Request&) { return script(kFeedScript); });
  get("/web/style.css", [](const Request&) { return Response{200, "text/css; charset=utf-8", std::string(kStyle)}; });
}

Server::~Server() {
  state_->context.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

void Server::get(const std::string& path, Handler handler) {
  state_->site.routes.push_back({"GET", path, std::move(handler)});
}

void Server::post(const std::string& path, Handler handler) {
  state_->site.routes.push_back({"POST", path, std::move(handler)});
}

Feed& Server::feed(const std::string& path) { return state_->site.feeds[path]; }

void Server::start() {
  state_->accept();
  state_->thread = std::jthread([this] { state_->context.run(); });
}

std::uint16_t Server::port() const noexcept { return state_->site.port; }
std::string Server::url() const { return "http://127.0.0.1:" + std::to_string(port()) + "/"; }

Response html(std::string_view body) { return {200, "text/html; charset=utf-8", std::string(body)}; }
Response script(std::string_view body) { return {200, "text/javascript; charset=utf-8", std::string(body)}; }
Response jpeg(std::string body) { return {200, "image/jpeg", std::move(body)}; }
Response problem(int status, std::string_view what) { return json({{"error", what}}, status); }

Response json(const nlohmann::json& body, int status) {
  return {status, "application/json", body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

}  // namespace web
