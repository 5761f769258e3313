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

// Only what is allowed in a signal handler: the stop is requested by the thread that waits for the pipe.
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
  static auto* source = new std::stop_source();  // the waiting thread outlives static destruction
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::generic_category(), "pipe2");
  write_end = ends[1];
  // The signal may come to this thread too: librdkafka keeps signals from others while it makes a client. So it waits
  // in poll(): in a program that ThreadSanitizer checks, a handler does not run before a read() has returned.
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
