#ifndef IMAGE_MESSAGING_TESTS_VIEWER_H_
#define IMAGE_MESSAGING_TESTS_VIEWER_H_

#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace image_messaging::tests {

/// A browser without a screen: joins a feed and says of each frame that it painted it, until this goes.
///
/// Thread safety: all functions, from any thread.
class Viewer {
 public:
  /// @param url of the page, as the demonstration prints it. @throws std::exception when nobody listens there
  explicit Viewer(const std::string& url);
  /// Leaves at once, as a browser that is killed.
  ~Viewer();
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  /// The headers of the frames that came, in their order.
  [[nodiscard]] std::vector<nlohmann::json> frames() const;
  [[nodiscard]] std::size_t count() const;
  /// The notes of one kind.
  [[nodiscard]] std::vector<nlohmann::json> notes(const std::string& kind) const;
  /// Whether every frame had a JPEG with it.
  [[nodiscard]] bool all_had_pictures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

struct Answer {
  int status = 0;
  std::string type = {};
  std::string body = {};
};

/// @param target such as "/counters"
[[nodiscard]] Answer get(const std::string& url, const std::string& target);

}  // namespace image_messaging::tests

#endif  // IMAGE_MESSAGING_TESTS_VIEWER_H_
