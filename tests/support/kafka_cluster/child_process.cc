#include "support/kafka_cluster/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

namespace conveyor::tests {

namespace {

// Between fork and exec only what is safe in a signal handler may be called.
[[noreturn]] void become(char* const* arguments, int log, pid_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // the parent died before the line above
  setsid();                             // Ctrl-C ends the test, and with it this process, in that order
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  signal(SIGPIPE, SIG_DFL);
  const int input = open("/dev/null", O_RDONLY);
  dup2(input, STDIN_FILENO);
  dup2(log, STDOUT_FILENO);
  dup2(log, STDERR_FILENO);
  close_range(3, ~0U, 0);
  execvp(arguments[0], arguments);
  static constexpr char kText[] = "cannot run the program\n";
  [[maybe_unused]] const auto written = write(STDERR_FILENO, kText, sizeof kText - 1);
  _exit(127);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> command, const std::filesystem::path& log) {
  const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) throw std::system_error(errno, std::generic_category(), "cannot write " + log.string());
  thread_ = std::thread([this, command = std::move(command), file] { fork_and_wait(command, file); });
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return forked_; });
  if (fork_error_ != 0) {
    lock.unlock();
    thread_.join();
    throw std::system_error(fork_error_, std::generic_category(), "cannot start a process");
  }
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  thread_.join();
}

void ChildProcess::fork_and_wait(const std::vector<std::string>& command, int log) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);

  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child == 0) become(arguments.data(), log, parent);
  const int error = child < 0 ? errno : 0;
  close(log);
  {
    const std::lock_guard lock(mutex_);
    forked_ = true;
    fork_error_ = error;
    pid_ = child;
  }
  changed_.notify_all();
  if (error != 0) return;

  // The process is reaped under the lock, so that signal() never meets a stranger that was given the same id.
  siginfo_t info;
  while (waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  {
    const std::lock_guard lock(mutex_);
    int status = 0;
    waitpid(child, &status, 0);
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  changed_.notify_all();
}

bool ChildProcess::running() const {
  const std::lock_guard lock(mutex_);
  return !status_;
}

void ChildProcess::signal(int number) {
  const std::lock_guard lock(mutex_);
  if (!status_) ::kill(pid_, number);
}

void ChildProcess::freeze() {
  signal(SIGSTOP);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (running()) {
    siginfo_t stopped{};
    // The kernel tells of the stop once the last thread has.
    if (waitid(P_PID, static_cast<id_t>(pid_), &stopped, WSTOPPED | WNOHANG) == 0 && stopped.si_pid == pid_) return;
    if (std::chrono::steady_clock::now() >= deadline) throw std::runtime_error("a process does not stop on SIGSTOP");
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

std::optional<int> ChildProcess::wait(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, within, [&] { return status_.has_value(); });
  return status_;
}

int ChildProcess::terminate(std::chrono::milliseconds within) {
  signal(SIGTERM);
  if (const auto status = wait(within)) return *status;
  signal(SIGKILL);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return status_.has_value(); });
  return *status_;
}

}  // namespace conveyor::tests
