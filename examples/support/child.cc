#include "support/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

namespace support {
namespace {

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  for (std::string& each : strings) result.push_back(each.data());
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> result;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    if (!added.contains(text.substr(0, text.find('=')))) result.push_back(text);
  }
  for (const auto& [name, value] : added) result.push_back(name + "=" + value);
  return result;
}

}  // namespace

Child::Child(std::string name, const std::vector<std::string>& arguments,
             const std::map<std::string, std::string>& environment)
    : name_(std::move(name)) {
  std::vector<std::string> command{program_invocation_short_name};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = merged_environment(environment);
  const std::vector<char*> argv = pointers(command);
  const std::vector<char*> envp = pointers(variables);

  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();

  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    dup2(ends[1], STDOUT_FILENO);
    execve(program.c_str(), argv.data(), envp.data());   // under its own name, for those who list processes
    execve("/proc/self/exe", argv.data(), envp.data());  // its file was replaced since
    _exit(127);
  }
  const int error = errno;
  close(ends[1]);
  output_ = ends[0];
  if (pid_ < 0) {
    close(output_);
    throw std::system_error(error, std::generic_category(), "fork");
  }
}

Child::~Child() {
  ask_to_stop();
  for (const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
       !ended() && std::chrono::steady_clock::now() < deadline;) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (!ended()) {
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  close(output_);
}

bool Child::wait_for_line(std::chrono::milliseconds within) {
  const auto deadline = std::chrono::steady_clock::now() + within;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    pollfd output{output_, POLLIN, 0};
    if (left <= 0 || poll(&output, 1, static_cast<int>(left)) == 0) return false;
    std::array<char, 256> text{};
    const ssize_t count = read(output_, text.data(), text.size());
    if (count == 0 || (count < 0 && errno != EINTR)) return false;
    for (ssize_t i = 0; i < count; ++i) {
      if (text[static_cast<std::size_t>(i)] == '\n') return true;
    }
  }
}

std::optional<int> Child::ended() {
  int status = 0;
  if (!status_ && waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  return status_;
}

void Child::ask_to_stop() {
  if (!ended()) kill(pid_, SIGTERM);
}

}  // namespace support
