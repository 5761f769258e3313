#include "stream_server.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <opencv2/imgcodecs.hpp>
#include <utility>

#include "conveyor/media/video.h"

namespace smart_camera::tests {
namespace {

using namespace std::chrono_literals;

bool send_all(int connection, const std::string& bytes) {
  for (std::size_t sent = 0; sent < bytes.size();) {
    const ssize_t now = ::send(connection, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
    if (now <= 0) return false;
    sent += static_cast<std::size_t>(now);
  }
  return true;
}

}  // namespace

StreamServer::StreamServer(std::vector<std::string> pictures) : pictures_(std::move(pictures)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(listener_, 8);
  ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { accept(); });
}

StreamServer::~StreamServer() {
  ending_ = true;
  ::shutdown(listener_, SHUT_RDWR);
  thread_.join();
  ::close(listener_);
}

std::string StreamServer::url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/live.mjpeg"; }
void StreamServer::pull() { pulled_ = true; }
void StreamServer::plug_in() { pulled_ = false; }

void StreamServer::accept() {
  while (!ending_) {
    const int connection = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection < 0) continue;
    if (!pulled_) serve(connection);
    ::close(connection);
  }
}

void StreamServer::serve(int connection) const {
  std::array<char, 4096> request{};
  if (::read(connection, request.data(), request.size()) <= 0) return;
  if (!send_all(connection, "HTTP/1.0 200 OK\r\nContent-Type: video/x-motion-jpeg\r\n\r\n")) return;
  const auto start = std::chrono::steady_clock::now();
  for (std::size_t i = 0; !pulled_ && !ending_; ++i) {
    if (!send_all(connection, pictures_[i % pictures_.size()])) return;
    std::this_thread::sleep_until(start + i * 40ms);  // its frame rate
  }
}

std::vector<std::string> jpegs_of(const std::string& video, int count) {
  conveyor::media::VideoSource source(video);
  std::vector<std::string> pictures;
  for (conveyor::media::VideoFrame frame; count > 0 && source.read(frame); --count) {
    std::vector<unsigned char> jpeg;
    cv::imencode(".jpg", frame.pixels, jpeg);
    pictures.emplace_back(jpeg.begin(), jpeg.end());
  }
  return pictures;
}

}  // namespace smart_camera::tests
