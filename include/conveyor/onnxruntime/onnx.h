#ifndef CONVEYOR_ONNXRUNTIME_ONNX_H_
#define CONVEYOR_ONNXRUNTIME_ONNX_H_

#include <filesystem>
#include <memory>

#include "conveyor/export.h"
#include "conveyor/vision/onnx.h"
#include "conveyor/vision/onnx_detector.h"

namespace conveyor::vision {
class ClassifierRegistry;
}

namespace conveyor::onnxruntime {

/// vision::onnx() and vision::onnx_detector(), run by ONNX Runtime on the CPU instead of OpenCV: faster on most
/// networks, and it knows operators that OpenCV does not.
///
///     auto model = conveyor::onnxruntime::onnx("squeezenet.onnx", {.labels = labels});
///
/// Each classifier has a session and a copy of the weights of its own, and computes in the thread that calls it,
/// without threads that wait by spinning: a worker's threads are all the threads there are.
///
/// @throws Error with errc::invalid_config as those do
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const vision::Model> onnx(const std::filesystem::path& file,
                                                                        const vision::OnnxOptions& options = {});
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<const vision::Model> onnx_detector(
    const std::filesystem::path& file, const vision::OnnxDetectorOptions& options = {});

/// Adds `onnxruntime:FILE` and `onnxruntime_detector:FILE`, with the keys of `onnx` and `detector`.
/// @throws Error with errc::invalid_config when these names are taken
CONVEYOR_EXPORT void add_classifiers(vision::ClassifierRegistry& classifiers);

}  // namespace conveyor::onnxruntime

#endif  // CONVEYOR_ONNXRUNTIME_ONNX_H_
