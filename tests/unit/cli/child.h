#ifndef CONVEYOR_TESTS_UNIT_CLI_CHILD_H_
#define CONVEYOR_TESTS_UNIT_CLI_CHILD_H_

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace conveyor {

/// A program run by a test: it is killed, at the latest, when this goes.
class Child {
 public:
  explicit Child(const std::vector<std::string>& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next line of its output without the newline, or nothing when it ended or the time passed.
  std::optional<std::string> read_line(std::chrono::milliseconds within);
  void close_input();
  void signal(int number) const;  ///< nothing, when wait() saw it end
  /// Reads what else it says until it ends. @return its exit code, -1 when it did not end, a signal ended it, or an
  /// earlier call saw it end
  int wait(std::chrono::milliseconds within);

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// After wait(): the signal that ended it; 0: none did.
  [[nodiscard]] int ended_by() const noexcept { return ended_by_; }

  /// Everything read so far.
  [[nodiscard]] const std::string& output() const noexcept { return output_; }
  [[nodiscard]] const std::string& errors() const noexcept { return errors_; }

 private:
  bool read_some(std::chrono::steady_clock::time_point deadline);

  pid_t pid_ = -1;
  int ended_by_ = 0;
  int input_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::size_t line_ = 0;  // where the next line of output_ begins
  std::string output_;
  std::string errors_;
};

}  // namespace conveyor

#endif  // CONVEYOR_TESTS_UNIT_CLI_CHILD_H_
