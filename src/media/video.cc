#include "conveyor/media/video.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <opencv2/videoio.hpp>
#include <system_error>
#include <vector>

#include "conveyor/error.h"

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
  throw Error(errc::invalid_config, fmt::format("video \"{}\" cannot be opened: {}", source, why));
}

void check_file(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) refuse(path, "there is no such file");
  if (error) refuse(path, error.message());
  if (status.type() != std::filesystem::file_type::regular) refuse(path, "it is not a file");
  if (std::filesystem::file_size(path, error) == 0) refuse(path, "the file is empty");
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
  std::int64_t next = 0;
  steady_clock::time_point first = {};

  void open();
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
                        {cv::CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds_of(options.open_within),
                         cv::CAP_PROP_READ_TIMEOUT_MSEC, milliseconds_of(options.read_within)})) {
        if (steady_clock::now() - begin >= options.open_within) {
          throw Error(errc::timed_out, fmt::format("video \"{}\" did not open within {} ms; VideoOptions::open_within "
                                                   "allows more",
                                                   source, options.open_within.count()));
        }
        refuse(source, "the address does not answer, or with no video that this OpenCV's FFmpeg can read");
      }
      break;
    }
  }
}

VideoSource::VideoSource(const std::string& source, const VideoOptions& options)
    : state_(std::make_unique<State>(State{.source = source, .options = options, .kind = kind_of(source)})) {
  if (source.empty()) refuse(source, "no source was given");
  state_->open();
}
VideoSource::~VideoSource() = default;
VideoSource::VideoSource(VideoSource&&) noexcept = default;
VideoSource& VideoSource::operator=(VideoSource&&) noexcept = default;

bool VideoSource::read(VideoFrame& frame) {
  State& s = *state_;
  const auto begin = steady_clock::now();
  if (!s.capture.read(frame.pixels) || frame.pixels.empty()) {
    const bool late = s.kind == Kind::kStream && steady_clock::now() - begin >= s.options.read_within;
    if (s.kind == Kind::kCamera || late) {
      throw Error(errc::timed_out, fmt::format("video \"{}\" gave no frame after frame {}", s.source, s.next - 1));
    }
    return false;
  }
  const auto now = steady_clock::now();
  if (s.next == 0) s.first = now;
  frame.number = s.next++;
  frame.time = s.kind == Kind::kFile ? microseconds(std::llround(s.property(cv::CAP_PROP_POS_MSEC) * 1000))
                                     : duration_cast<microseconds>(now - s.first);
  return true;
}

double VideoSource::fps() const noexcept { return state_->property(cv::CAP_PROP_FPS); }
int VideoSource::width() const noexcept { return static_cast<int>(state_->property(cv::CAP_PROP_FRAME_WIDTH)); }
int VideoSource::height() const noexcept { return static_cast<int>(state_->property(cv::CAP_PROP_FRAME_HEIGHT)); }
std::int64_t VideoSource::frame_count() const noexcept {
  return state_->kind == Kind::kFile ? std::llround(state_->property(cv::CAP_PROP_FRAME_COUNT)) : 0;
}
bool VideoSource::is_live() const noexcept { return state_->kind != Kind::kFile; }

}  // namespace conveyor::media
