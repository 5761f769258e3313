#ifndef WEB_TESTS_BROWSER_H_
#define WEB_TESTS_BROWSER_H_

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "unit/cli/child.h"

namespace web::tests {

/// Headless Chromium that shows a page until this goes.
class Browser {
 public:
  explicit Browser(const std::string& url);
  ~Browser();
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  /// Kills it, as a browser that crashes. @return what its page's scripts complained about; empty: nothing
  std::string kill();

 private:
  std::filesystem::path profile_;
  std::unique_ptr<conveyor::Child> process_;
};

struct Screenshot {
  bool taken = false;
  std::string complaints = {};  ///< of the page's scripts; empty: none
};

/// A picture (PNG) of a page as it looks when it has been open for a while.
/// @param width, height of the window, in pixels
Screenshot screenshot(const std::string& url, const std::filesystem::path& file, std::chrono::milliseconds after,
                      int width = 1280, int height = 800);

}  // namespace web::tests

#endif  // WEB_TESTS_BROWSER_H_
