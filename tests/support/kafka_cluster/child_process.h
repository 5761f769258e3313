#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_CHILD_PROCESS_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_CHILD_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace conveyor::tests {

/// A program that a test started; it cannot outlive the test, however that ends.
///
///     ChildProcess worker({"./worker", "--topic", "orders"}, log);
///     worker.signal(SIGTERM);
///     ASSERT_EQ(worker.wait(5s), 0);
///
/// The kernel kills a child when the thread that forked it ends, so each child has a thread of its own, which forks it
/// and then waits for it.
///
/// Thread safety: all functions may be called from any thread.
class ChildProcess {
 public:
  /// Standard input is empty; standard output and error go to `log`, appended.
  /// @throws std::system_error when no process can be made; a program that cannot be run exits with 127
  ChildProcess(std::vector<std::string> command, const std::filesystem::path& log);
  /// Kills it, if it still runs, and waits for its end.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  [[nodiscard]] bool running() const;

  /// Sends a signal; after the process ended it does nothing.
  void signal(int number);
  /// SIGSTOP, and waits until every thread has stopped: until then the others go on, on a busy machine for a while.
  /// @throws std::runtime_error when that takes longer than some seconds
  void freeze();

  /// Waits for its end. None: it still runs after `within`; its exit status, or 128 + signal as a shell says it.
  std::optional<int> wait(std::chrono::milliseconds within);

  /// SIGTERM, and SIGKILL when it has not ended `within` that; returns as wait does.
  int terminate(std::chrono::milliseconds within);

 private:
  void fork_and_wait(const std::vector<std::string>& command, int log);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool forked_ = false;
  int fork_error_ = 0;
  pid_t pid_ = -1;
  std::optional<int> status_;
  std::thread thread_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_CHILD_PROCESS_H_
