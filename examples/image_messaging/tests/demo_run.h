#ifndef IMAGE_MESSAGING_TESTS_DEMO_RUN_H_
#define IMAGE_MESSAGING_TESTS_DEMO_RUN_H_

#include <chrono>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/kafka_cluster/temporary_folder.h"
#include "unit/cli/child.h"

namespace image_messaging::tests {

/// `image_messaging demo`, with a folder of its own for what it writes.
class DemoRun {
 public:
  /// @param arguments after `demo`
  explicit DemoRun(const std::vector<std::string>& arguments);

  /// Waits until it has said where its page is. @return the page's URL, empty when it ended instead
  std::string wait_for_page();
  /// Waits until a line of its output begins with a text. @return the line, empty when it ended instead
  std::string wait_for_line(const std::string& beginning);
  /// @return the exit code
  int wait();
  int stop(int signal);

  /// The number behind a name in its report, 0 when the name is not there.
  [[nodiscard]] std::int64_t figure(const std::string& name) const;
  [[nodiscard]] std::string said() const { return child_.output() + child_.errors(); }
  /// The processes that it said it started, by their names; of several the last.
  [[nodiscard]] std::map<std::string, pid_t> processes() const;
  /// Lines of its log.
  [[nodiscard]] std::vector<std::string> log() const;
  /// What its store's index has.
  [[nodiscard]] std::vector<nlohmann::json> stored() const;
  [[nodiscard]] std::filesystem::path out() const { return folder_.path() / "out"; }

 private:
  conveyor::tests::TemporaryFolder folder_{"image_messaging_test"};
  conveyor::Child child_;
};

/// A folder with copies of pictures of Debian's opencv-doc package, shown in the order in which they are named here.
class Photos {
 public:
  explicit Photos(const std::vector<std::string>& names);
  [[nodiscard]] std::string path() const { return folder_.path(); }

 private:
  conveyor::tests::TemporaryFolder folder_{"image_messaging_photos"};
};

}  // namespace image_messaging::tests

#endif  // IMAGE_MESSAGING_TESTS_DEMO_RUN_H_
