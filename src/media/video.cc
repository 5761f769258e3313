#include "conveyor/media/video.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <opencv2/videoio.hpp>
#include <string_view>
#include <system_error>
#include <vector>

#include "conveyor/error.h"
#include "media/avi_index.h"
#include "media/edit_list.h"
#include "media/frame_clock.h"
#include "media/read_watch.h"

namespace conveyor::media {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

enum class Kind { kFile, kCamera, kStream };

Kind kind_of(const std::string& source) {
  if (!source.empty() && std::all_of(source.begin(), source.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return Kind::kCamera;
  }
  if (source.starts_with("/dev/")) return Kind::kCamera;
  return source.find("://") != std::string::npos ? Kind::kStream : Kind::kFile;
}

[[noreturn]] void refuse(const std::string& source, const std::string& why) {
  throw Error(errc::invalid_config, fmt::format("video \"{}\" cannot be opened: {}", without_credentials(source), why));
}

void check_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) refuse(path, "there is no such file");
  if (error) refuse(path, error.message());
  if (status.type() != std::filesystem::file_type::regular) refuse(path, "it is not a file");
  if (std::filesystem::file_size(path, error) == 0) refuse(path, "the file is empty");
}

struct FrameTotal {
  std::int64_t count = 0;  ///< 0: not known
  bool exact = false;
};

/// How many frames a file will give. AVI, MP4 and MOV count their frames, some of which are not shown; for others
/// `counted` is computed from the duration.
FrameTotal total_of(const std::string& path, std::int64_t counted) {
  std::ifstream file(path, std::ios::binary);
  char head[12] = {};
  file.read(head, sizeof(head));
  const std::string_view bytes(head, sizeof(head));
  file.clear();
  file.seekg(0);
  if (bytes.starts_with("RIFF") && bytes.substr(8) == "AVI ") {
    return {std::max<std::int64_t>(0, counted - empty_frames(file)), true};
  }
  const std::string_view box = bytes.substr(4, 4);
  if (box != "ftyp" && box != "moov" && box != "mdat") return {counted, false};
  const std::int64_t shown = std::llround(static_cast<double>(counted) * shown_share(file).value_or(1));
  return {shown, shown == counted};  // the frames of a video may differ in length
}

int milliseconds_of(milliseconds time) {
  return static_cast<int>(std::clamp<milliseconds::rep>(time.count(), 1, 3'600'000));
}

}  // namespace

struct VideoSource::State {
  std::string source;
  VideoOptions options;
  Kind kind = Kind::kFile;
  cv::VideoCapture capture = {};
  FrameClock clock{0};
  ReadWatch watch{{}};
  steady_clock::time_point first = {};
  bool has_end = false;  // a file, or a stream that declares its length
  FrameTotal total = {};
  std::int64_t missing = 0;
  std::int64_t reconnects = 0;

  void open();
  void start();
  void stamp(VideoFrame& frame);
  bool reopen(std::string& why);
  std::int64_t count_missing() const;
  [[noreturn]] void give_up(const std::string& why) const;
  double property(int which) const {
    const double value = capture.get(which);
    return std::isfinite(value) && value > 0 ? value : 0;
  }
};

void VideoSource::State::open() {
  switch (kind) {
    case Kind::kFile:
      check_file(source);
      if (!capture.open(source, cv::CAP_FFMPEG)) refuse(source, "it is no video that this OpenCV's FFmpeg can read");
      break;
    case Kind::kCamera: {
      int index = 0;
      const auto read = std::from_chars(source.data(), source.data() + source.size(), index);
      if (read.ec == std::errc::result_out_of_range) refuse(source, "there is no camera of that number");
      const bool opened = read.ec == std::errc()
                              ? capture.open(index, cv::CAP_V4L2)
                              : std::filesystem::exists(source) && capture.open(source, cv::CAP_V4L2);
      if (!opened) refuse(source, "there is no such camera, it is in use, or this user may not read it");
      break;
    }
    case Kind::kStream: {
      const auto begin = steady_clock::now();
      if (!capture.open(source, cv::CAP_FFMPEG,
                        {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds_of(options.open_timeout),
                         cv::CAP_PROP_READ_TIMEOUT_MSEC, milliseconds_of(options.read_timeout)})) {
        if (steady_clock::now() - begin >= options.open_timeout) {
          throw Error(errc::timed_out, fmt::format("video \"{}\" did not open within {} ms; VideoOptions::open_timeout "
                                                   "allows more",
                                                   without_credentials(source), options.open_timeout.count()));
        }
        refuse(
            source,
            "the address does not answer, or with no video, or too little of one, that this OpenCV's FFmpeg can read");
      }
      break;
    }
  }
}

/// After the first open().
void VideoSource::State::start() {
  total.count = std::llround(property(cv::CAP_PROP_FRAME_COUNT));
  if (kind == Kind::kFile) total = total_of(source, total.count);
  has_end = kind == Kind::kFile || (kind == Kind::kStream && total.count > 0);
  clock = FrameClock(kind == Kind::kFile ? property(cv::CAP_PROP_FPS) : 0);
  watch = ReadWatch({.live = !has_end, .declared = total.count, .reconnect_timeout = options.reconnect_timeout});
}

void VideoSource::State::stamp(VideoFrame& frame) {
  const auto now = steady_clock::now();
  if (clock.next_number() == 0) first = now;
  const microseconds position = kind == Kind::kFile ? microseconds(std::llround(property(cv::CAP_PROP_POS_MSEC) * 1000))
                                                    : duration_cast<microseconds>(now - first);
  const FrameClock::Stamp stamp = clock.frame_read(position);
  frame.number = stamp.number;
  frame.time = stamp.time;
  watch.frame_read(clock.next_number());
}

/// Pauses, then opens it again. @param why why it broke off, for errors @return false when a stop was requested
bool VideoSource::State::reopen(std::string& why) {
  capture.release();
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any stopped;
  stopped.wait_for(lock, options.stop, watch.backoff(), [] { return false; });
  if (options.stop.stop_requested()) return false;
  try {
    open();
    ++reconnects;
    why = "it gave no frame";
  } catch (const Error& error) {
    why = error.what();
  }
  return true;
}

std::int64_t VideoSource::State::count_missing() const {
  const std::int64_t fewer = std::max<std::int64_t>(0, total.count - clock.next_number());
  return total.exact || static_cast<double>(fewer) > property(cv::CAP_PROP_FPS) ? fewer : 0;
}

void VideoSource::State::give_up(const std::string& why) const {
  throw Error(errc::timed_out,
              fmt::format("video \"{}\" broke off before frame {}: {}; VideoOptions::{} allows more time",
                          without_credentials(source), clock.next_number(), why,
                          has_end ? "read_timeout" : "reconnect_timeout"));
}

VideoSource::VideoSource(const std::string& source, const VideoOptions& options)
    : state_(std::make_unique<State>(State{.source = source, .options = options, .kind = kind_of(source)})) {
  if (source.empty()) refuse(source, "no source was given");
  state_->open();
  state_->start();
}
VideoSource::~VideoSource() = default;
VideoSource::VideoSource(VideoSource&&) noexcept = default;
VideoSource& VideoSource::operator=(VideoSource&&) noexcept = default;

bool VideoSource::read(VideoFrame& frame) {
  State& s = *state_;
  std::string why = "it gave no frame";
  while (true) {
    const auto begin = steady_clock::now();
    const bool open = s.capture.isOpened();
    if (open && s.capture.read(frame.pixels) && !frame.pixels.empty()) {
      s.stamp(frame);
      return true;
    }
    const auto now = steady_clock::now();
    // The driver of a camera has already waited for seconds.
    const bool late = s.kind == Kind::kCamera || (s.kind == Kind::kStream && now - begin >= s.options.read_timeout);
    switch (open ? s.watch.read_failed(late, now) : s.watch.open_failed(now)) {
      case ReadWatch::Next::kReadOn:
        s.clock.read_failed();
        break;
      case ReadWatch::Next::kReconnect:
        s.clock.forget_failed();
        if (!s.reopen(why)) return false;
        break;
      case ReadWatch::Next::kEnd:
        s.missing = s.count_missing();
        return false;
      case ReadWatch::Next::kGiveUp:
        s.give_up(why);
    }
  }
}

std::int64_t VideoSource::undecoded_frames() const noexcept { return state_->clock.undecoded(); }
std::int64_t VideoSource::missing_frames() const noexcept { return state_->missing; }
std::int64_t VideoSource::reconnects() const noexcept { return state_->reconnects; }
double VideoSource::fps() const noexcept { return state_->property(cv::CAP_PROP_FPS); }
int VideoSource::width() const noexcept { return static_cast<int>(state_->property(cv::CAP_PROP_FRAME_WIDTH)); }
int VideoSource::height() const noexcept { return static_cast<int>(state_->property(cv::CAP_PROP_FRAME_HEIGHT)); }
std::int64_t VideoSource::frame_count() const noexcept { return state_->kind == Kind::kFile ? state_->total.count : 0; }
bool VideoSource::is_live() const noexcept { return state_->kind != Kind::kFile; }

std::string without_credentials(const std::string& source) {
  const auto scheme = source.find("://");
  if (scheme == source.npos) return source;
  const auto begin = scheme + 3;
  const auto at = source.substr(0, source.find('/', begin)).rfind('@');
  return at == source.npos || at < begin ? source : source.substr(0, begin) + source.substr(at + 1);
}

}  // namespace conveyor::media
