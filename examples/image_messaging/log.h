#ifndef IMAGE_MESSAGING_LOG_H_
#define IMAGE_MESSAGING_LOG_H_

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "conveyor/observer.h"
#include "support/cluster.h"

namespace image_messaging {

/// Where the JSON lines go: a file that several processes append to, or standard error.
///
/// Thread safety: immutable.
class LogFile {
 public:
  /// @param file empty: standard error. @throws std::runtime_error when it cannot be written
  explicit LogFile(const std::filesystem::path& file);

  [[nodiscard]] std::FILE* out() const noexcept { return file_ ? file_.get() : stderr; }

  /// The same settings for one part of the system, which logs under its name. The name that the user chose for the
  /// service in the environment wins.
  [[nodiscard]] support::ConfigFor of_part(support::ConfigFor config_for, const std::string& part) const;

 private:
  std::shared_ptr<std::FILE> file_;
};

/// One line of the application's own.
void log(const support::ConfigFor& config_for, conveyor::Severity severity, const std::string& text);

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_LOG_H_
