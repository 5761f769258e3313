#include "detector_choice.h"

#include <cstdlib>

#include "conveyor/error.h"
#include "conveyor/vision/classifier_registry.h"
#ifdef SMART_CAMERA_HAS_ONNXRUNTIME
#include "conveyor/onnxruntime/onnx.h"
#endif

namespace smart_camera {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// The text for the registry of a network that examples/models/fetch.sh gets.
std::string fetched(const std::string& detector, const std::string& model) {
  const fs::path file = models_folder() / (model + ".onnx");
  if (!fs::exists(file)) {
    throw conveyor::Error(conveyor::make_error_code(conveyor::errc::invalid_config),
                          "the detector " + detector + " needs " + file.string() + ": run examples/models/fetch.sh " +
                              model + ", or choose another with --detector");
  }
  return "detector:" + file.string();
}

}  // namespace

fs::path models_folder() {
  if (const std::string cache = environment("CONVEYOR_CACHE"); !cache.empty()) return fs::path(cache) / "models";
  if (const std::string xdg = environment("XDG_CACHE_HOME"); !xdg.empty()) return fs::path(xdg) / "conveyor/models";
  return fs::path(environment("HOME")) / ".cache/conveyor/models";
}

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
