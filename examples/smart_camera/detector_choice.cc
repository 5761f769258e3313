#include "detector_choice.h"

#include <filesystem>

#include "conveyor/error.h"
#include "conveyor/vision/classifier_registry.h"
#include "support/cache_folder.h"
#ifdef SMART_CAMERA_HAS_ONNXRUNTIME
#include "conveyor/onnxruntime/onnx.h"
#endif

namespace smart_camera {
namespace {

namespace fs = std::filesystem;

/// The text for the registry of a network that examples/models/fetch.sh gets.
std::string fetched(const std::string& detector, const std::string& model) {
  const fs::path file = support::cache_folder() / "models" / (model + ".onnx");
  if (!fs::exists(file)) {
    throw conveyor::Error(conveyor::make_error_code(conveyor::errc::invalid_config),
                          "the detector " + detector + " needs " + file.string() + ": run examples/models/fetch.sh " +
                              model + ", or choose another with --detector");
  }
  return "detector:" + file.string();
}

}  // namespace

std::shared_ptr<const conveyor::vision::Model> make_detector(const std::string& text) {
  conveyor::vision::ClassifierRegistry classifiers = conveyor::vision::built_in_classifiers();
#ifdef SMART_CAMERA_HAS_ONNXRUNTIME
  conveyor::onnxruntime::add_classifiers(classifiers);
#endif
  if (text == "ssdlite") return classifiers.make(fetched(text, "pedestrians"));
  // Of what it is less sure of on the pedestrian video, more is no person than is one.
  if (text == "centernet") return classifiers.make(fetched(text, "coco") + "?min_score=0.4");
  return classifiers.make(text);
}

}  // namespace smart_camera
