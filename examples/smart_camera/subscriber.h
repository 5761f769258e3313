#ifndef SMART_CAMERA_SUBSCRIBER_H_
#define SMART_CAMERA_SUBSCRIBER_H_

#include <atomic>
#include <cstdint>
#include <stop_token>
#include <string>

#include "channels.h"

namespace smart_camera {

/// Does something with the processed frames of cameras, those of each camera in their order.
class Subscriber {
 public:
  virtual ~Subscriber() = default;
  /// @param camera its name
  virtual void on_frame(const std::string& camera, const conveyor::v1::ProcessedImage& processed) = 0;
  /// No more frames will come.
  virtual void finish() {}
  /// What it made, for people to read.
  [[nodiscard]] virtual std::string summary() const = 0;
};

/// Feeds a subscriber from a consumer group of its own until the stop is requested, then finishes it.
///
/// Frames that wait for an earlier one count as done already: a subscriber that is killed and restarted may miss them.
/// It is a picture of the moment, not a record; what must not be lost is handled in a Worker.
///
/// @param seen counts the frames given to the subscriber
/// @throws Error
void subscribe(const conveyor::Config& config, Subscriber& subscriber, const std::stop_token& stop,
               std::atomic<std::int64_t>& seen);

}  // namespace smart_camera

#endif  // SMART_CAMERA_SUBSCRIBER_H_
