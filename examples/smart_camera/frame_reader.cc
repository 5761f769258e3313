#include "frame_reader.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "conveyor/error.h"

namespace smart_camera {

using conveyor::media::VideoFrame;
using conveyor::media::VideoSource;
using std::chrono::steady_clock;

bool sleep_until(steady_clock::time_point time, const std::stop_token& stop) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_until(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

FrameReader::FrameReader(ReaderOptions options) : options_(std::move(options)) {
  open({});
  stream_ = video_->is_live();
  live_ = stream_ || options_.live;
  fps_ = options_.fps > 0 ? options_.fps : video_->fps();
  constexpr double kGuess = 25;
  if (live_ && !stream_) pace_.emplace(fps_ > 0 ? fps_ : kGuess);
  // What a camera gives until the first read would be old by then.
  if (stream_) video_.reset();
}

/// @return false when a live camera is not there (yet)
bool FrameReader::open(const std::stop_token& stop) {
  // Before a stream is open, some of its frames are looked at, at its pace.
  constexpr std::chrono::milliseconds kShortest(5'000);
  const conveyor::media::VideoOptions options{.open_timeout = std::max(kShortest, options_.away_after),
                                              .read_timeout = options_.away_after,
                                              .reconnect_timeout = options_.away_after,
                                              .stop = stop};
  try {
    video_.emplace(options_.source, options);
    return true;
  } catch (const conveyor::Error& error) {
    if (!stream_) throw;
    why_ = error.what();
    return false;
  }
}

/// The next round of a file. @return false when there is none
bool FrameReader::begin_again(const std::stop_token& stop) {
  if (!options_.loop || stream_ || in_this_round_ == 0) return false;
  undecoded_before_ += video_->undecoded_frames();
  missing_before_ += video_->missing_frames();
  in_this_round_ = 0;
  return open(stop);
}

FrameReader::Got FrameReader::read(VideoFrame& frame, const std::stop_token& stop) {
  if (!video_ && !open(stop)) {
    constexpr std::chrono::seconds kPause(1);
    return sleep_until(steady_clock::now() + kPause, stop) ? Got::kAway : Got::kEnd;
  }
  while (!stop.stop_requested()) {
    try {
      if (!video_->read(frame)) {
        if (stop.stop_requested() || !begin_again(stop)) return Got::kEnd;
        continue;
      }
    } catch (const conveyor::Error& error) {
      if (!stream_ || error.code() != conveyor::errc::timed_out) throw;
      why_ = error.what();
      return Got::kAway;
    }
    why_.clear();
    ++in_this_round_;
    const bool wanted = count_++ % options_.every == 0;
    const Pace::Turn turn = pace_ ? pace_->next(steady_clock::now()) : Pace::Turn{{}, false};
    if (!wanted) continue;
    if (turn.skip) return Got::kSkipped;
    return !pace_ || sleep_until(turn.due, stop) ? Got::kFrame : Got::kEnd;
  }
  return Got::kEnd;
}

std::int64_t FrameReader::undecoded() const { return undecoded_before_ + (video_ ? video_->undecoded_frames() : 0); }
std::int64_t FrameReader::missing() const { return missing_before_ + (video_ ? video_->missing_frames() : 0); }
std::int64_t FrameReader::reconnects() const { return video_ ? video_->reconnects() : 0; }

}  // namespace smart_camera
