#ifndef SMART_CAMERA_DEMO_H_
#define SMART_CAMERA_DEMO_H_

#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "camera.h"
#include "detector.h"

namespace smart_camera {

struct DemoOptions {
  std::vector<CameraOptions> cameras = {};
  DetectorOptions detector = {};  ///< each one's, but for the name
  int detectors = 0;              ///< processes; 0: 2, where a camera is live 1, which leaves time for the page
  int crowd = 5;                  ///< people that cause an alert
  int steady = 3;                 ///< frames with a new number of people, until a picture is stored
  /// Whether to write annotated.avi and sheet.png of each camera; not set: unless one is live.
  std::optional<bool> record = {};
  std::filesystem::path out = "out";
  std::uint16_t port = 0;      ///< of the page; 0: any free one
  std::string bootstrap = {};  ///< empty: an embedded broker
};

/// Runs the whole system: broker, detectors as processes of their own, subscribers, page and cameras; prints what
/// happens.
/// @return whether every frame sent was processed and reached every subscriber
/// @throws Error, std::exception
bool run_demo(const DemoOptions& options, const std::stop_token& stop);

}  // namespace smart_camera

#endif  // SMART_CAMERA_DEMO_H_
