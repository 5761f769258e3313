#ifndef IMAGE_MESSAGING_ANSWER_WATCH_H_
#define IMAGE_MESSAGING_ANSWER_WATCH_H_

#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "support/frame_window.h"

namespace image_messaging {

/// Which frames of one capture have no prediction yet: it bounds how many there are.
///
/// A labeller sends a prediction with the key of its frame, which says whose frame it is. Labellers of MessageCorps
/// send no key: then the frame's number alone counts.
///
/// Thread safety: as a standard container.
class AnswerWatch {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// @param run names this run of the capture, among all that ever were
  /// @param patience after which a frame is given up: its labeller may have refused it
  AnswerWatch(std::string run, std::size_t most_frames, std::size_t most_bytes, std::chrono::milliseconds patience)
      : prefix_(std::move(run) + "/"), window_(most_frames, most_bytes), patience_(patience) {}

  [[nodiscard]] std::string key(std::int64_t frame) const { return prefix_ + std::to_string(frame); }
  [[nodiscard]] bool full() const noexcept { return window_.full(); }
  [[nodiscard]] bool idle() const noexcept { return window_.under_way().empty(); }

  void sent(std::int64_t frame, std::size_t bytes, Time now) {
    window_.sent(frame, bytes);
    sent_.emplace_back(frame, now);
  }

  /// When the frame was sent that a prediction answers. Nothing: it is another's frame, or was answered before.
  /// @param key of the prediction's record
  std::optional<Time> answered(std::optional<std::string_view> key, std::int64_t frame) {
    if (key) {
      const std::string_view text = *key;
      if (!text.starts_with(prefix_)) return {};
      const char* end = text.data() + text.size();
      const auto read = std::from_chars(text.data() + prefix_.size(), end, frame);
      if (read.ec != std::errc() || read.ptr != end) return {};
    }
    if (!window_.processed(frame)) return {};
    for (const auto& [number, time] : sent_) {
      if (number == frame) {
        const Time when = time;
        forget_answered();
        return when;
      }
    }
    return {};
  }

  /// Gives up what was sent too long ago. @return how many frames
  std::int64_t give_up(Time now) {
    std::int64_t count = 0;
    for (; !sent_.empty() && now - sent_.front().second >= patience_; sent_.pop_front()) {
      if (window_.processed(sent_.front().first)) ++count;
    }
    return count;
  }

 private:
  void forget_answered() {
    while (!sent_.empty() && !window_.under_way().contains(sent_.front().first)) sent_.pop_front();
  }

  std::string prefix_;
  support::FrameWindow window_;
  std::chrono::milliseconds patience_;
  std::deque<std::pair<std::int64_t, Time>> sent_;  // from the oldest that was not answered
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_ANSWER_WATCH_H_
