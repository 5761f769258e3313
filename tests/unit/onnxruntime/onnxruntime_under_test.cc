#include "conveyor/onnxruntime/onnx.h"
#include "unit/vision/engine_under_test.h"

namespace conveyor::vision::engine_under_test {

std::shared_ptr<const Model> onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  return onnxruntime::onnx(file, options);
}

std::shared_ptr<const Model> onnx_detector(const std::filesystem::path& file, const OnnxDetectorOptions& options) {
  return onnxruntime::onnx_detector(file, options);
}

}  // namespace conveyor::vision::engine_under_test
