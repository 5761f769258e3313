#include "viewer.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <deque>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace image_messaging::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using asio::ip::tcp;

/// @return 127.0.0.1:port of "http://127.0.0.1:port/"
tcp::endpoint endpoint_of(const std::string& url) {
  const std::string start = "http://127.0.0.1:";
  if (!url.starts_with(start)) throw std::invalid_argument("not a page of this machine: " + url);
  return {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(std::stoi(url.substr(start.size())))};
}

std::string host_of(const tcp::endpoint& endpoint) { return "127.0.0.1:" + std::to_string(endpoint.port()); }

}  // namespace

struct Viewer::State {
  explicit State(const std::string& url) {
    const tcp::endpoint endpoint = endpoint_of(url);
    socket.next_layer().connect(endpoint);
    socket.handshake(host_of(endpoint), "/feed");
    read();
    thread = std::thread([this] { io.run(); });
  }
  ~State() {
    asio::post(io, [this] {
      beast::error_code ignored;
      socket.next_layer().close(ignored);
    });
    thread.join();
  }

  void read() {
    socket.async_read(buffer, [this](beast::error_code error, std::size_t) {
      if (error) return;
      const std::string message = beast::buffers_to_string(buffer.data());
      buffer.clear();
      take(message);
      read();
    });
  }

  void take(const std::string& message) {
    const std::lock_guard lock(mutex);
    if (socket.got_text()) {
      notes.push_back(nlohmann::json::parse(message));
      return;
    }
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(message.at(i));
    nlohmann::json header = nlohmann::json::parse(message.substr(4, size));
    pictures = pictures && message.substr(4 + size, 3) == "\xff\xd8\xff";
    answers.push_back(
        nlohmann::json{{"source", header["source"]}, {"number", header["number"]}, {"painted", true}}.dump());
    frames.push_back(std::move(header));
    if (answers.size() == 1) write();
  }

  void write() {
    socket.text(true);
    socket.async_write(asio::buffer(answers.front()), [this](beast::error_code error, std::size_t) {
      if (error) return;
      answers.pop_front();
      if (!answers.empty()) write();
    });
  }

  asio::io_context io;
  beast::websocket::stream<tcp::socket> socket{io};
  beast::flat_buffer buffer;
  std::deque<std::string> answers;
  std::mutex mutex;
  std::vector<nlohmann::json> frames;
  std::vector<nlohmann::json> notes;
  bool pictures = true;
  std::thread thread;
};

Viewer::Viewer(const std::string& url) : state_(std::make_unique<State>(url)) {}
Viewer::~Viewer() = default;

std::vector<nlohmann::json> Viewer::frames() const {
  const std::lock_guard lock(state_->mutex);
  return state_->frames;
}

std::size_t Viewer::count() const {
  const std::lock_guard lock(state_->mutex);
  return state_->frames.size();
}

std::vector<nlohmann::json> Viewer::notes(const std::string& kind) const {
  const std::lock_guard lock(state_->mutex);
  std::vector<nlohmann::json> result;
  for (const auto& note : state_->notes) {
    if (note["kind"] == kind) result.push_back(note);
  }
  return result;
}

bool Viewer::all_had_pictures() const {
  const std::lock_guard lock(state_->mutex);
  return state_->pictures;
}

Answer get(const std::string& url, const std::string& target) {
  namespace http = beast::http;
  const tcp::endpoint endpoint = endpoint_of(url);
  asio::io_context io;
  tcp::socket socket(io);
  socket.connect(endpoint);
  http::request<http::empty_body> request{http::verb::get, target, 11};
  request.set(http::field::host, host_of(endpoint));
  http::write(socket, request);
  beast::flat_buffer buffer;
  http::response<http::string_body> response;
  http::read(socket, buffer, response);
  return {.status = static_cast<int>(response.result_int()),
          .type = std::string(response[http::field::content_type]),
          .body = response.body()};
}

}  // namespace image_messaging::tests
