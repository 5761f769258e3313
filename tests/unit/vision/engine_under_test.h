#ifndef CONVEYOR_TESTS_UNIT_VISION_ENGINE_UNDER_TEST_H_
#define CONVEYOR_TESTS_UNIT_VISION_ENGINE_UNDER_TEST_H_

#include <filesystem>
#include <memory>

#include "conveyor/vision/classifier.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"

// onnx_test.cc and onnx_detector_test.cc hold for whatever runs networks. Each test program says what that is.

namespace conveyor::vision::engine_under_test {

[[nodiscard]] std::shared_ptr<const Model> onnx(const std::filesystem::path& file, const OnnxOptions& options = {});
[[nodiscard]] std::shared_ptr<const Model> onnx_detector(const std::filesystem::path& file,
                                                         const OnnxDetectorOptions& options = {});

}  // namespace conveyor::vision::engine_under_test

#endif  // CONVEYOR_TESTS_UNIT_VISION_ENGINE_UNDER_TEST_H_
