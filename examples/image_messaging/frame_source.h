#ifndef IMAGE_MESSAGING_FRAME_SOURCE_H_
#define IMAGE_MESSAGING_FRAME_SOURCE_H_

#include <cstdint>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <stop_token>
#include <string>

namespace image_messaging {

struct SourceOptions {
  std::string source = {};  ///< a camera's number, a video file, a stream's URL, or a folder of pictures
  bool loop = false;        ///< a file or folder begins again at its end
  int hold = 50;            ///< frames for which each picture of a folder is shown
  std::stop_token stop = {};
};

/// Where frames come from.
///
/// Thread safety: one thread at a time.
class FrameSource {
 public:
  virtual ~FrameSource() = default;
  /// @param pixels height x width, CV_8UC3, BGR; read only, valid until the next read
  /// @return false at the end, or when the stop was requested
  /// @throws Error
  virtual bool read(cv::Mat& pixels) = 0;
  [[nodiscard]] virtual double fps() const = 0;               ///< as declared; 0: not known
  [[nodiscard]] virtual bool live() const = 0;                ///< a camera or a stream: frames come when they come
  [[nodiscard]] virtual std::int64_t unreadable() const = 0;  ///< frames that could not be decoded, or are missing
  [[nodiscard]] virtual std::int64_t reconnects() const = 0;  ///< how often a camera broke off and came back
};

/// @throws Error with errc::invalid_config saying what is wrong with the source
[[nodiscard]] std::unique_ptr<FrameSource> open_source(const SourceOptions& options);

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_FRAME_SOURCE_H_
