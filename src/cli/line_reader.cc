#include "cli/line_reader.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "conveyor/error.h"

namespace conveyor::cli {
namespace {

constexpr int kSliceMs = 100;  // how soon a stop is noticed
constexpr std::size_t kReadAtOnce = std::size_t{1} << 16;

}  // namespace

// @return false at the end, or when stopped
bool LineReader::read_more() {
  buffer_.erase(0, std::exchange(at_, 0));
  while (!stop_.stop_requested()) {
    pollfd input{.fd = file_, .events = POLLIN, .revents = 0};
    if (poll(&input, 1, kSliceMs) <= 0) continue;
    const std::size_t before = buffer_.size();
    buffer_.resize(before + kReadAtOnce);
    const ssize_t count = read(file_, buffer_.data() + before, kReadAtOnce);
    const int error = errno;
    buffer_.resize(before + static_cast<std::size_t>(count > 0 ? count : 0));
    if (count > 0) return true;
    if (count == 0) return false;
    if (error == EINTR || error == EAGAIN) continue;
    throw Error(errc::invalid_config, fmt::format("standard input cannot be read: {}", std::strerror(error)));
  }
  return false;
}

std::optional<std::string> LineReader::next(std::size_t longest) {
  std::size_t searched = at_;
  for (;;) {
    const std::size_t end = buffer_.find('\n', searched);
    if (end != buffer_.npos) {
      std::string line = buffer_.substr(at_, end - at_);
      at_ = end + 1;
      return line;
    }
    if (buffer_.size() - at_ > longest) {
      throw Error(errc::invalid_config, fmt::format("a line of standard input has more than {} bytes", longest));
    }
    searched = buffer_.size() - at_;  // read_more() moves the rest to the front
    if (!ended_ && read_more()) continue;
    ended_ = true;
    if (stop_.stop_requested() || at_ == buffer_.size()) return {};
    return buffer_.substr(std::exchange(at_, buffer_.size()));  // the last line has no end
  }
}

}  // namespace conveyor::cli
