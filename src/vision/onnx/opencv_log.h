#ifndef CONVEYOR_SRC_VISION_ONNX_OPENCV_LOG_H_
#define CONVEYOR_SRC_VISION_ONNX_OPENCV_LOG_H_

namespace conveyor::vision {

/// While one lives, in any thread, OpenCV writes nothing to standard error: what it throws says the same, and reaches
/// whoever called. OpenCV's level is one for the process, and goes back to what it was with the last of them.
class OpenCvLinesDropped {
 public:
  OpenCvLinesDropped();
  ~OpenCvLinesDropped();
  OpenCvLinesDropped(const OpenCvLinesDropped&) = delete;
  OpenCvLinesDropped& operator=(const OpenCvLinesDropped&) = delete;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_ONNX_OPENCV_LOG_H_
