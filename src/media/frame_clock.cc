#include "media/frame_clock.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace conveyor::media {

using std::chrono::microseconds;

microseconds FrameClock::step() const {
  if (fps_ > 0) return microseconds(std::max<std::int64_t>(1, std::llround(1e6 / fps_)));
  return std::max(last_step_, microseconds(1));
}

FrameClock::Stamp FrameClock::frame_read(std::optional<microseconds> position) {
  const bool first = last_ < microseconds(0);
  const std::int64_t failed = std::exchange(failed_, 0);
  undecoded_ += failed;
  hidden_ += failed;
  std::int64_t skipped = hidden_;
  if (position && (first ? *position >= microseconds(0) : *position > last_)) {
    if (fps_ > 0) {
      const microseconds expected = first ? microseconds(0) : last_ + step();
      const std::int64_t gap = std::llround(static_cast<double>((*position - expected).count()) * fps_ / 1e6);
      skipped = std::clamp<std::int64_t>(gap, 0, hidden_);
    }
  } else {
    position = first ? microseconds(0) : last_ + step() * (skipped + 1);
  }
  hidden_ -= skipped;
  if (!first) last_step_ = *position - last_;
  last_ = *position;
  next_ += skipped;
  return {next_++, last_};
}

}  // namespace conveyor::media
