#include "vision/onnx/opencv_log.h"

#include <mutex>
#include <opencv2/core/utils/logger.hpp>

namespace conveyor::vision {
namespace {

namespace logging = cv::utils::logging;

struct Level {
  std::mutex mutex;
  int silent = 0;
  logging::LogLevel before = logging::LOG_LEVEL_WARNING;
};
Level& level() {
  static Level level;
  return level;
}

}  // namespace

OpenCvLinesDropped::OpenCvLinesDropped() {
  Level& shared = level();
  const std::lock_guard lock{shared.mutex};
  if (shared.silent++ == 0) shared.before = logging::setLogLevel(logging::LOG_LEVEL_SILENT);
}

OpenCvLinesDropped::~OpenCvLinesDropped() {
  Level& shared = level();
  const std::lock_guard lock{shared.mutex};
  if (--shared.silent == 0) logging::setLogLevel(shared.before);
}

}  // namespace conveyor::vision
