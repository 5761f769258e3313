#ifndef SUPPORT_CHILD_H_
#define SUPPORT_CHILD_H_

#include <sys/types.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace support {

/// Another process of this program. It is stopped when this goes, and killed by the kernel if the thread that started
/// it ends in any other way: start it on the main thread.
class Child {
 public:
  /// @param arguments of this program, its name left out
  /// @param environment variables that it has beside ours
  /// @throws std::system_error
  Child(std::string name, const std::vector<std::string>& arguments,
        const std::map<std::string, std::string>& environment);
  /// Stops it, in 10 seconds at most.
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] const std::string& name() const noexcept { return name_; }
  [[nodiscard]] pid_t pid() const noexcept { return pid_; }

  /// Waits for its first line of output. @return false when the time passed or it ended without
  bool wait_for_line(std::chrono::milliseconds within);
  /// How it ended: its exit code, or 128 and the signal; nothing while it runs.
  std::optional<int> ended();
  void ask_to_stop();

 private:
  std::string name_;
  pid_t pid_ = -1;
  int output_ = -1;
  std::optional<int> status_;
};

}  // namespace support

#endif  // SUPPORT_CHILD_H_
