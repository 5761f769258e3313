#ifndef WEB_TESTS_VIEWER_H_
#define WEB_TESTS_VIEWER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace web::tests {

/// A browser without a screen: it follows the feed of a page, and says of each frame with a JPEG that it is painted.
///
/// Thread safety: the functions that are const, from any thread.
class Viewer {
 public:
  /// @param url of the page, such as "http://127.0.0.1:8080/". @throws std::exception when there is no feed
  explicit Viewer(const std::string& url);
  /// As vanish().
  ~Viewer();
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  /// Closes the connection, once it has said what it painted.
  void leave();
  /// Closes it at once, as a browser that is killed.
  void vanish();

  /// The headers of the frames that it painted, in their order.
  [[nodiscard]] std::vector<nlohmann::json> frames() const;
  [[nodiscard]] std::size_t count() const;  ///< of frames()
  /// The numbers of the frames that it painted, of each source.
  [[nodiscard]] std::map<std::string, std::set<std::int64_t>> painted() const;
  /// The notes of one kind.
  [[nodiscard]] std::vector<nlohmann::json> notes(const std::string& kind) const;
  /// Whether every frame had a JPEG with it.
  [[nodiscard]] bool all_had_pictures() const;

 private:
  struct Connection;

  void follow();
  void take(const std::string& frame);

  std::unique_ptr<Connection> connection_;
  mutable std::mutex mutex_;
  std::vector<nlohmann::json> frames_;
  std::vector<nlohmann::json> notes_;
  bool all_had_pictures_ = true;
  bool leaving_ = false;
  std::thread thread_;
};

}  // namespace web::tests

#endif  // WEB_TESTS_VIEWER_H_
