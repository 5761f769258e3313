#ifndef WEB_TESTS_BROWSER_H_
#define WEB_TESTS_BROWSER_H_

#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

namespace web::tests {

/// Headless Chromium that shows a page until this goes. It is driven by the DevTools protocol.
class Browser {
 public:
  /// Opens the page. @param width, height of the window, in pixels
  /// @throws std::runtime_error with what Chromium said when it does not start
  explicit Browser(const std::string& url, int width = 1280, int height = 800);
  /// Kills it with all its processes, as a crash does.
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// The value of a JavaScript expression, such as "document.title"; of a promise what it resolves to.
  /// @throws std::runtime_error with what the script threw
  nlohmann::json evaluate(const std::string& expression);
  /// Waits until an expression is true. @return whether it was in time
  bool eventually(const std::string& expression, std::chrono::milliseconds within = std::chrono::seconds(20));
  /// Clicks the first element that fits the selector, as a script does. @return false when there is none
  bool click(const std::string& selector);
  /// Writes what the window shows, as PNG.
  void screenshot(const std::filesystem::path& file);
  /// What the page's scripts did not catch and wrote as errors or warnings so far; empty: nothing.
  std::string complaints();

 private:
  struct State;
  nlohmann::json call(const std::string& method, const nlohmann::json& parameters);

  std::unique_ptr<State> state_;
};

}  // namespace web::tests

#endif  // WEB_TESTS_BROWSER_H_
