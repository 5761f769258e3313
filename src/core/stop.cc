#include "conveyor/stop.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <system_error>
#include <thread>

namespace conveyor {
namespace {

std::atomic<int> write_end{-1};
std::atomic<bool> asked_before{false};

// A signal handler may call only async-signal-safe functions, so it writes to a pipe. The thread that reads the pipe
// requests the stop.
void on_signal(int signal_number) {
  const int saved = errno;
  if (asked_before.exchange(true)) {
    signal(signal_number, SIG_DFL);
    raise(signal_number);
  }
  const char byte = 0;
  static_cast<void>(!write(write_end.load(), &byte, 1));
  errno = saved;
}

std::stop_source& install() {
  static auto* source = new std::stop_source();  // never destroyed: the waiting thread outlives static destruction
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  write_end = ends[1];
  // This thread may receive the signal itself, because librdkafka blocks signals in other threads while it creates a
  // client. Wait in poll() rather than read(): under ThreadSanitizer a handler does not run before a blocking read()
  // returns.
  std::thread([read_end = ends[0]] {
    pollfd written{.fd = read_end, .events = POLLIN, .revents = 0};
    while (poll(&written, 1, -1) < 0 && errno == EINTR) {
    }
    source->request_stop();
  }).detach();

  struct sigaction action {};
  action.sa_handler = &on_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return *source;
}

}  // namespace

std::stop_token stop_on_signals() {
  static std::stop_source& source = install();
  return source.get_token();
}

}  // namespace conveyor
