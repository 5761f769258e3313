#include "unit/vision/engine_under_test.h"

namespace conveyor::vision::engine_under_test {

std::shared_ptr<const Model> onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  return vision::onnx(file, options);
}

std::shared_ptr<const Model> onnx_detector(const std::filesystem::path& file, const OnnxDetectorOptions& options) {
  return vision::onnx_detector(file, options);
}

}  // namespace conveyor::vision::engine_under_test
