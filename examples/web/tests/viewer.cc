#include "viewer.h"

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include "client.h"

namespace web::tests {

namespace beast = boost::beast;
using boost::asio::ip::tcp;

struct Viewer::Connection {
  boost::asio::io_context context = {};
  beast::websocket::stream<tcp::socket> socket{context};
};

Viewer::Viewer(const std::string& url) : connection_(std::make_unique<Connection>()) {
  connection_->socket.next_layer().connect({boost::asio::ip::address_v4::loopback(), port_of(url)});
  connection_->socket.handshake(host_of(url), "/feed");
  thread_ = std::thread([this] { follow(); });
}

Viewer::~Viewer() {
  if (thread_.joinable()) vanish();
}

void Viewer::leave() {
  {
    const std::lock_guard lock(mutex_);
    leaving_ = true;
  }
  if (thread_.joinable()) thread_.join();
}

void Viewer::vanish() {
  boost::system::error_code ignored;
  connection_->socket.next_layer().shutdown(tcp::socket::shutdown_both, ignored);
  if (thread_.joinable()) thread_.join();
}

void Viewer::follow() {
  beast::error_code error;
  for (;;) {
    beast::flat_buffer buffer;
    connection_->socket.read(buffer, error);
    if (error) return;
    const std::string message = beast::buffers_to_string(buffer.data());
    if (connection_->socket.got_text()) {
      const std::lock_guard lock(mutex_);
      notes_.push_back(nlohmann::json::parse(message));
    } else {
      take(message);
    }
    const std::lock_guard lock(mutex_);
    if (!leaving_) continue;
    connection_->socket.close(beast::websocket::close_code::normal, error);
    return;
  }
}

/// A frame is the size of its header in 4 bytes, the header as JSON, and the JPEG.
void Viewer::take(const std::string& frame) {
  std::size_t size = 0;
  for (std::size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(frame.at(i));
  nlohmann::json header = nlohmann::json::parse(frame.substr(4, size));
  const bool is_jpeg = frame.substr(4 + size, 3) == "\xff\xd8\xff";
  const nlohmann::json answer{{"source", header["source"]}, {"number", header["number"]}, {"painted", is_jpeg}};
  beast::error_code error;
  connection_->socket.text(true);
  connection_->socket.write(boost::asio::buffer(answer.dump()), error);
  const std::lock_guard lock(mutex_);
  all_had_pictures_ = all_had_pictures_ && is_jpeg;
  if (!error && is_jpeg) frames_.push_back(std::move(header));
}

std::vector<nlohmann::json> Viewer::frames() const {
  const std::lock_guard lock(mutex_);
  return frames_;
}

std::size_t Viewer::count() const {
  const std::lock_guard lock(mutex_);
  return frames_.size();
}

std::map<std::string, std::set<std::int64_t>> Viewer::painted() const {
  std::map<std::string, std::set<std::int64_t>> numbers;
  for (const nlohmann::json& frame : frames()) numbers[frame["source"]].insert(frame["number"].get<std::int64_t>());
  return numbers;
}

std::vector<nlohmann::json> Viewer::notes(const std::string& kind) const {
  const std::lock_guard lock(mutex_);
  std::vector<nlohmann::json> result;
  for (const nlohmann::json& note : notes_) {
    if (note["kind"] == kind) result.push_back(note);
  }
  return result;
}

bool Viewer::all_had_pictures() const {
  const std::lock_guard lock(mutex_);
  return all_had_pictures_;
}

}  // namespace web::tests
