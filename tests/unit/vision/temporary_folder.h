#ifndef CONVEYOR_TESTS_UNIT_VISION_TEMPORARY_FOLDER_H_
#define CONVEYOR_TESTS_UNIT_VISION_TEMPORARY_FOLDER_H_

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace conveyor::vision {

/// A folder of this test process's own, gone with it.
class TemporaryFolder {
 public:
  explicit TemporaryFolder(std::string_view name)
      : path_(std::filesystem::temp_directory_path() / (std::string(name) + "." + std::to_string(getpid()))) {
    std::filesystem::create_directories(path_);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  std::filesystem::path write(std::string_view name, std::string_view text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return path_ / name;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_TESTS_UNIT_VISION_TEMPORARY_FOLDER_H_
