#include "vision/onnx/opencv_log.h"

#include <opencv2/core/utils/logger.hpp>

#include "base/thread_annotations.h"

namespace conveyor::vision {
namespace {

namespace logging = cv::utils::logging;

struct Level {
  Mutex mutex;
  int silent CONVEYOR_GUARDED_BY(mutex) = 0;
  logging::LogLevel before CONVEYOR_GUARDED_BY(mutex) = logging::LOG_LEVEL_WARNING;
};
Level& level() {
  static Level level;
  return level;
}

}  // namespace

OpenCvLinesDropped::OpenCvLinesDropped() {
  Level& shared = level();
  const MutexLock lock{shared.mutex};
  if (shared.silent++ == 0) shared.before = logging::setLogLevel(logging::LOG_LEVEL_SILENT);
}

OpenCvLinesDropped::~OpenCvLinesDropped() {
  Level& shared = level();
  const MutexLock lock{shared.mutex};
  if (--shared.silent == 0) logging::setLogLevel(shared.before);
}

}  // namespace conveyor::vision
