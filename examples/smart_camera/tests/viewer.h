#ifndef SMART_CAMERA_TESTS_VIEWER_H_
#define SMART_CAMERA_TESTS_VIEWER_H_

#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace smart_camera::tests {

/// What a browser does that shows the page: it follows the feed, and says of each frame that it is painted.
class Viewer {
 public:
  /// @param url of the page. @throws std::exception when there is no feed
  explicit Viewer(const std::string& url);
  ~Viewer();
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  /// Closes the connection, once what it painted is said.
  void leave();
  /// Closes it at once, as a browser that crashes.
  void vanish();

  /// The numbers of the frames that it painted, of each camera.
  [[nodiscard]] std::map<std::string, std::set<std::int64_t>> painted() const;
  [[nodiscard]] std::size_t painted_count() const;
  [[nodiscard]] std::vector<nlohmann::json> notes() const;
  /// The header of the last frame.
  [[nodiscard]] nlohmann::json last_header() const;

 private:
  struct Connection;

  void follow();
  void take(const std::string& frame);

  std::unique_ptr<Connection> connection_;
  mutable std::mutex mutex_;
  std::map<std::string, std::set<std::int64_t>> painted_;
  std::vector<nlohmann::json> notes_;
  nlohmann::json last_header_;
  bool leaving_ = false;
  std::thread thread_;
};

}  // namespace smart_camera::tests

#endif  // SMART_CAMERA_TESTS_VIEWER_H_
