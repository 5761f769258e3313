#ifndef SMART_CAMERA_DETECTOR_CHOICE_H_
#define SMART_CAMERA_DETECTOR_CHOICE_H_

#include <memory>
#include <string>

namespace conveyor::vision {
class Model;
}

namespace smart_camera {

/// The detector that a command line names: `hog` (vision/hog.h); `ssdlite` and `centernet`, the networks `pedestrians`
/// and `coco` that examples/models/fetch.sh gets; or any text of the library's classifier registry, such as `detector:FILE.onnx`. ONNX
/// Runtime runs networks where Conveyor has it, OpenCV elsewhere.
///
/// The label of a person is "person"; `centernet` finds other things too.
///
/// @throws Error with errc::invalid_config when there is none of that name, its file is missing, or it does not load
[[nodiscard]] std::shared_ptr<const conveyor::vision::Model> make_detector(const std::string& text);

}  // namespace smart_camera

#endif  // SMART_CAMERA_DETECTOR_CHOICE_H_
