#include "support/kafka_cluster/temporary_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace conveyor::tests {

namespace {

// The processes that write into the folder die with us, but perhaps a moment later.
constexpr char kRemove[] =
    "read -r _; for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf -- \"$0\" 2>/dev/null && exit; sleep 0.5; done";

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& name) {
  std::string made = (std::filesystem::temp_directory_path() / (name + "-XXXXXX")).string();
  if (mkdtemp(made.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "cannot make the folder " + made);
  }
  path_ = made;
  start_remover();
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
  if (held_ >= 0) close(held_);
}

void TemporaryFolder::start_remover() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;
  const std::string folder = path_.string();
  const pid_t child = fork();
  if (child == 0) {
    // A child of a child, so that it belongs to nobody whose processes are killed together with us.
    setsid();
    if (fork() != 0) _exit(0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    dup2(ends[0], STDIN_FILENO);
    const int nowhere = open("/dev/null", O_WRONLY);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    close_range(3, ~0U, 0);
    execl("/bin/sh", "sh", "-c", kRemove, folder.c_str(), nullptr);
    _exit(127);
  }
  close(ends[0]);
  held_ = ends[1];
  if (child > 0) waitpid(child, nullptr, 0);
}

}  // namespace conveyor::tests
