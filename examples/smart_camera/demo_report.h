#ifndef SMART_CAMERA_DEMO_REPORT_H_
#define SMART_CAMERA_DEMO_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "camera.h"
#include "page.h"

namespace smart_camera {

/// What a subscriber did, for people to read.
struct SubscriberReport {
  std::string name = {};
  std::int64_t seen = 0;  ///< frames
  bool failed = false;
  std::string summary = {};
};

/// A line while the demo runs.
[[nodiscard]] std::string progress_line(double seconds, const std::vector<CameraReport>& cameras);

/// All there is to say at the end: a figure a line.
[[nodiscard]] std::string report_text(const std::vector<CameraReport>& cameras, const PageReport& page,
                                      const std::vector<SubscriberReport>& subscribers);

/// What is wrong with the run, a sentence each; empty: nothing.
/// @param stopped somebody ended it: then it may be that no frame was sent yet
[[nodiscard]] std::vector<std::string> problems(const std::vector<CameraReport>& cameras, const PageReport& page,
                                                const std::vector<SubscriberReport>& subscribers, bool stopped);

}  // namespace smart_camera

#endif  // SMART_CAMERA_DEMO_REPORT_H_
