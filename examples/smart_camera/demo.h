#ifndef SMART_CAMERA_DEMO_H_
#define SMART_CAMERA_DEMO_H_

#include <filesystem>
#include <stop_token>
#include <string>

#include "camera.h"

namespace smart_camera {

struct DemoOptions {
  CameraOptions camera = {};
  int detectors = 2;
  int crowd = 5;  ///< people that cause an alert
  std::filesystem::path out = "out";
  std::string bootstrap = {};  ///< empty: an embedded broker
};

/// Runs the whole system: broker, detectors as processes of their own, subscribers and the camera; prints what happens.
/// @return whether every frame sent was processed and reached every subscriber
/// @throws Error, std::exception
bool run_demo(const DemoOptions& options, const std::stop_token& stop);

}  // namespace smart_camera

#endif  // SMART_CAMERA_DEMO_H_
