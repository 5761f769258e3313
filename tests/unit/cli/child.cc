#include "unit/cli/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <thread>

namespace conveyor {
namespace {

using Clock = std::chrono::steady_clock;

std::array<int, 2> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) throw std::runtime_error("pipe2");
  return ends;
}

// @return false at the end of the stream
bool append(int& fd, std::string& to) {
  std::array<char, 4096> buffer{};
  const ssize_t count = read(fd, buffer.data(), buffer.size());
  if (count > 0) {
    to.append(buffer.data(), static_cast<std::size_t>(count));
    return true;
  }
  close(fd);
  fd = -1;
  return false;
}

}  // namespace

Child::Child(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
  arguments.push_back(nullptr);
  const auto in = make_pipe();
  const auto out = make_pipe();
  const auto err = make_pipe();
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("fork");
  if (pid_ == 0) {
    dup2(in[0], STDIN_FILENO);
    dup2(out[1], STDOUT_FILENO);
    dup2(err[1], STDERR_FILENO);
    execv(arguments[0], arguments.data());
    _exit(127);
  }
  close(in[0]);
  close(out[1]);
  close(err[1]);
  input_ = in[1];
  out_ = out[0];
  err_ = err[0];
}

Child::~Child() {
  close_input();
  if (out_ >= 0) close(out_);
  if (err_ >= 0) close(err_);
  if (pid_ < 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

bool Child::read_some(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
  if (left.count() <= 0 || (out_ < 0 && err_ < 0)) return false;
  std::array<pollfd, 2> ready{{{out_, POLLIN, 0}, {err_, POLLIN, 0}}};  // poll ignores negative ones
  if (poll(ready.data(), ready.size(), static_cast<int>(left.count())) <= 0) return false;
  if (ready[0].revents != 0) append(out_, output_);
  if (ready[1].revents != 0) append(err_, errors_);
  return true;
}

std::optional<std::string> Child::read_line(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  for (;;) {
    const std::size_t end = output_.find('\n', line_);
    if (end != output_.npos) {
      std::string line = output_.substr(line_, end - line_);
      line_ = end + 1;
      return line;
    }
    if (out_ < 0 || !read_some(deadline)) return std::nullopt;
  }
}

void Child::close_input() {
  if (input_ >= 0) close(input_);
  input_ = -1;
}

void Child::signal(int number) const {
  if (pid_ > 0) kill(pid_, number);  // -1, of one that ended, would mean every process of the machine
}

int Child::wait(std::chrono::milliseconds within) {
  const auto deadline = Clock::now() + within;
  while (read_some(deadline)) {
  }
  if (pid_ < 0) return -1;
  int status = 0;
  pid_t ended = 0;
  while ((ended = waitpid(pid_, &status, WNOHANG)) == 0 && Clock::now() < deadline) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  if (ended != pid_) return -1;
  pid_ = -1;
  ended_by_ = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace conveyor
