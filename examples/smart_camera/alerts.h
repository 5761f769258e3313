#ifndef SMART_CAMERA_ALERTS_H_
#define SMART_CAMERA_ALERTS_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>

#include "channels.h"
#include "conveyor/consumer.h"

namespace smart_camera {

/// What an alert service did so far.
struct AlertCounts {
  std::atomic<std::int64_t> frames{0};  ///< decided; one that comes again is counted again
  std::atomic<std::int64_t> sent{0};    ///< alerts
};

/// Sends an alert when at least `threshold` people come before a camera. A Worker of the group "alert": no frame is
/// left out, and no alert lost, whatever is restarted; an alert may come twice then. Returns when the stop is
/// requested.
/// @throws Error
void send_alerts(const ConfigFor& config_for, int threshold, const std::stop_token& stop, AlertCounts& counts);

/// Calls back with each alert until the stop is requested. @throws Error
void read_alerts(const conveyor::Config& config, conveyor::StartAt start_at, const std::stop_token& stop,
                 const std::function<void(const Alert&)>& on_alert);

/// For people: "camera-1 frame 120: 6 people (5 or more)".
[[nodiscard]] std::string alert_text(const Alert& alert);

}  // namespace smart_camera

#endif  // SMART_CAMERA_ALERTS_H_
