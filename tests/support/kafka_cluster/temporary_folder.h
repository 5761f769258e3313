#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_TEMPORARY_FOLDER_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_TEMPORARY_FOLDER_H_

#include <filesystem>
#include <string>

namespace conveyor::tests {

/// A folder of its own in the system's temporary one, removed when this object or its process ends, even by SIGKILL.
///
/// Thread safety: immutable.
class TemporaryFolder {
 public:
  /// @throws std::system_error
  explicit TemporaryFolder(const std::string& name);
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  void start_remover();

  std::filesystem::path path_;
  int held_ = -1;  // the remover waits until nobody holds this end of its pipe
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_TEMPORARY_FOLDER_H_
