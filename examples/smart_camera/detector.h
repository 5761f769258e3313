#ifndef SMART_CAMERA_DETECTOR_H_
#define SMART_CAMERA_DETECTOR_H_

#include <stop_token>
#include <string>

#include "channels.h"

namespace smart_camera {

struct DetectorOptions {
  std::string name = "detector-1";
  std::string detector = {};  ///< as make_detector() reads it; empty: default_detector()
  int threads = 1;
};

/// `ssdlite` where its model is there, otherwise `hog`, which needs none.
[[nodiscard]] std::string default_detector();

/// Finds people and other things in frames, as one of any number of instances that share the partitions. Prints "ready"
/// once it has been given some. @throws Error
void detect(const ConfigFor& config_for, const DetectorOptions& options, const std::stop_token& stop);

}  // namespace smart_camera

#endif  // SMART_CAMERA_DETECTOR_H_
