#include "conveyor/onnxruntime/onnx.h"

#include "conveyor/vision/classifier_registry.h"
#include "onnxruntime/engine.h"
#include "vision/onnx/onnx_arguments.h"

namespace conveyor::onnxruntime {

using vision::ClassifierArguments;

std::shared_ptr<const vision::Model> onnx(const std::filesystem::path& file, const vision::OnnxOptions& options) {
  return vision::onnx_with(file, options, make_engine);
}

std::shared_ptr<const vision::Model> onnx_detector(const std::filesystem::path& file,
                                                   const vision::OnnxDetectorOptions& options) {
  return vision::onnx_detector_with(file, options, make_engine);
}

void add_classifiers(vision::ClassifierRegistry& classifiers) {
  classifiers.add(
      "onnxruntime",
      [](const ClassifierArguments& arguments) {
        return onnxruntime::onnx(arguments.subject("a file"), vision::onnx_options(arguments));
      },
      "onnxruntime:FILE?labels=FILE&activation=softmax&...");
  classifiers.add(
      "onnxruntime_detector",
      [](const ClassifierArguments& arguments) {
        return onnxruntime::onnx_detector(arguments.subject("a file"), vision::onnx_detector_options(arguments));
      },
      "onnxruntime_detector:FILE?head=end_to_end&labels=FILE&min_score=0.25&...");
}

}  // namespace conveyor::onnxruntime
