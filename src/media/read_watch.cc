#include "media/read_watch.h"

#include <algorithm>

namespace conveyor::media {
namespace {

using std::chrono::milliseconds;

// How many reads in a row may fail. At the end of a file a read takes microseconds; the limit also holds for a file
// that declares more frames than it has.
constexpr std::int64_t kMostOfAFile = 1000;
constexpr std::int64_t kMostOfALiveStream = 30;
constexpr std::int64_t kMostOfUnknownLength = 100;

constexpr milliseconds kFirstBackoff{100};
constexpr milliseconds kLongestBackoff{5'000};

}  // namespace

void ReadWatch::frame_read(std::int64_t next_number) {
  next_number_ = next_number;
  failed_ = 0;
  broken_since_.reset();
  backoff_ = milliseconds(0);
}

ReadWatch::Next ReadWatch::read_failed(bool late, Clock::time_point now) {
  ++failed_;
  if (options_.live) return late || failed_ >= kMostOfALiveStream ? broken(now) : Next::kReadOn;
  if (late) return Next::kGiveUp;
  const std::int64_t most =
      options_.declared > 0 ? std::min(options_.declared - next_number_, kMostOfAFile) : kMostOfUnknownLength;
  return failed_ >= most ? Next::kEnd : Next::kReadOn;
}

ReadWatch::Next ReadWatch::broken(Clock::time_point now) {
  failed_ = 0;
  if (!broken_since_) broken_since_ = now;
  if (now - *broken_since_ >= options_.reconnect_timeout) {
    broken_since_.reset();  // a caller who reads on allows the same time again
    backoff_ = milliseconds(0);
    return Next::kGiveUp;
  }
  const auto left = std::chrono::ceil<milliseconds>(*broken_since_ + options_.reconnect_timeout - now);
  backoff_ = std::min(std::clamp(2 * backoff_, kFirstBackoff, kLongestBackoff), left);
  return Next::kReconnect;
}

}  // namespace conveyor::media
