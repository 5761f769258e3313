#ifndef SMART_CAMERA_TESTS_DEMO_PROCESS_H_
#define SMART_CAMERA_TESTS_DEMO_PROCESS_H_

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "client.h"
#include "unit/cli/child.h"
#include "viewer.h"

namespace smart_camera::tests {

/// Debian's pedestrian video.
[[nodiscard]] std::filesystem::path video();

using web::tests::Answer;
using web::tests::get;
using web::tests::post;
using web::tests::Viewer;

/// @return whether the condition held within the time; it is tried again and again
[[nodiscard]] bool eventually(const std::function<bool()>& condition,
                              std::chrono::milliseconds within = std::chrono::seconds(60));

/// The program, with a page.
class Program : public conveyor::Child {
 public:
  explicit Program(const std::vector<std::string>& arguments);

  /// The page's address, once it is printed; empty when it is not.
  [[nodiscard]] std::string url();
  /// The first line from now on that has the text; empty when none comes within a minute.
  [[nodiscard]] std::string line_with(const std::string& text);
  /// The number behind a name in what it printed, -1 when it is not there.
  [[nodiscard]] std::int64_t figure(const std::string& name) const;
  /// Everything that it printed, for messages.
  [[nodiscard]] std::string said() const { return output() + errors(); }
};

/// A folder of its own for each test.
class Demo : public ::testing::Test {
 protected:
  Demo();
  ~Demo() override;

  /// `demo` with the video, and this folder.
  [[nodiscard]] std::vector<std::string> demo(const std::vector<std::string>& arguments) const;

  std::filesystem::path out_;
};

}  // namespace smart_camera::tests

#endif  // SMART_CAMERA_TESTS_DEMO_PROCESS_H_
