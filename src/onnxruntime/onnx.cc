#include "conveyor/onnxruntime/onnx.h"

#include <vector>

#include "conveyor/vision/classifier_registry.h"
#include "onnxruntime/engine.h"
#include "vision/onnx/onnx_arguments.h"

namespace conveyor::onnxruntime {
namespace {

using vision::ClassifierArguments;
using vision::OnnxEngineKind;

std::vector<OnnxEngineKind> every_engine() { return {engine(), vision::opencv_engine()}; }

std::shared_ptr<const vision::Model> make_onnx(const ClassifierArguments& arguments,
                                               const std::vector<OnnxEngineKind>& engines) {
  return vision::onnx_with(arguments.subject("a file"), vision::onnx_options(arguments), engines);
}

std::shared_ptr<const vision::Model> make_detector(const ClassifierArguments& arguments,
                                                   const std::vector<OnnxEngineKind>& engines) {
  return vision::onnx_detector_with(arguments.subject("a file"), vision::onnx_detector_options(arguments), engines);
}

/// Has `onnx` and `detector` prefer ONNX Runtime.
void prefer_it(vision::ClassifierRegistry& classifiers) {
  if (classifiers.contains("onnx")) {
    classifiers.replace("onnx", [](const ClassifierArguments& arguments) {
      return make_onnx(arguments, vision::onnx_engines(arguments, every_engine()));
    });
  }
  if (classifiers.contains("detector")) {
    classifiers.replace("detector", [](const ClassifierArguments& arguments) {
      return make_detector(arguments, vision::onnx_engines(arguments, every_engine()));
    });
  }
}

}  // namespace

std::shared_ptr<const vision::Model> onnx(const std::filesystem::path& file, const vision::OnnxOptions& options) {
  return vision::onnx_with(file, options, {engine()});
}

std::shared_ptr<const vision::Model> onnx_detector(const std::filesystem::path& file,
                                                   const vision::OnnxDetectorOptions& options) {
  return vision::onnx_detector_with(file, options, {engine()});
}

void add_classifiers(vision::ClassifierRegistry& classifiers) {
  classifiers.add(
      "onnxruntime", [](const ClassifierArguments& arguments) { return make_onnx(arguments, {engine()}); },
      "onnxruntime:FILE?labels=FILE&activation=softmax&...");
  classifiers.add(
      "onnxruntime_detector", [](const ClassifierArguments& arguments) { return make_detector(arguments, {engine()}); },
      "onnxruntime_detector:FILE?head=end_to_end&labels=FILE&min_score=0.25&...");
  prefer_it(classifiers);
}

}  // namespace conveyor::onnxruntime
