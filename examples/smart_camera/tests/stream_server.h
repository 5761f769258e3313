#ifndef SMART_CAMERA_TESTS_STREAM_SERVER_H_
#define SMART_CAMERA_TESTS_STREAM_SERVER_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <vector>

namespace smart_camera::tests {

/// A camera on the network: gives 25 pictures a second as motion JPEG over HTTP to who connects, until its cable is
/// pulled; while it is, connections are closed at once.
class StreamServer {
 public:
  /// @param pictures JPEGs that it gives again and again
  explicit StreamServer(std::vector<std::string> pictures);
  ~StreamServer();
  StreamServer(const StreamServer&) = delete;
  StreamServer& operator=(const StreamServer&) = delete;

  [[nodiscard]] std::string url() const;
  void pull();
  void plug_in();

 private:
  void accept();
  void serve(int connection) const;

  std::vector<std::string> pictures_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> pulled_{false};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

/// The first frames of a video, as JPEGs.
[[nodiscard]] std::vector<std::string> jpegs_of(const std::string& video, int count);

}  // namespace smart_camera::tests

#endif  // SMART_CAMERA_TESTS_STREAM_SERVER_H_
