#ifndef CONVEYOR_SRC_VISION_ONNX_OPENCV_LOG_H_
#define CONVEYOR_SRC_VISION_ONNX_OPENCV_LOG_H_

namespace conveyor::vision {

/// Silences OpenCV's own log while at least one such object lives, in any thread: the exceptions that OpenCV throws say
/// the same, and reach the caller. The level is one for the whole process; the last object restores it.
class OpenCvLinesDropped {
 public:
  OpenCvLinesDropped();
  ~OpenCvLinesDropped();
  OpenCvLinesDropped(const OpenCvLinesDropped&) = delete;
  OpenCvLinesDropped& operator=(const OpenCvLinesDropped&) = delete;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_OPENCV_LOG_H_
