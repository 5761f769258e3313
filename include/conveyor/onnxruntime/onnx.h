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

/// Has `onnx:FILE` and `detector:FILE`, where the registry has them, prefer ONNX Runtime, and adds `onnxruntime:FILE`
/// and `onnxruntime_detector:FILE`, which it alone runs, with the same keys.
///
///     auto classifiers = conveyor::vision::built_in_classifiers();
///     conveyor::onnxruntime::add_classifiers(classifiers);
///     auto model = classifiers.make("onnx:egg.onnx");  // model->card().engine is "ONNX Runtime 1.29.0"
///
/// OpenCV runs what ONNX Runtime refuses to load, layers of your own for example; a warning in the log and
/// ModelCard::engine say so. `engine=opencv` and `engine=onnxruntime` in the text leave no choice.
///
/// @throws Error with errc::invalid_config when these names are taken
CONVEYOR_EXPORT void add_classifiers(vision::ClassifierRegistry& classifiers);

}  // namespace conveyor::onnxruntime

#endif  // CONVEYOR_ONNXRUNTIME_ONNX_H_
