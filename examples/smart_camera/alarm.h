#ifndef SMART_CAMERA_ALARM_H_
#define SMART_CAMERA_ALARM_H_

#include <cstdint>

#include "decisions.h"
#include "subscriber.h"

namespace smart_camera {

/// Prints a line when many people are there.
class Alarm final : public Subscriber {
 public:
  explicit Alarm(int threshold) : threshold_(threshold), crowd_(threshold) {}

  void on_frame(const conveyor::v1::ProcessedImage& processed) override;
  [[nodiscard]] std::string summary() const override;

 private:
  int threshold_;
  CrowdAlert crowd_;
  std::int64_t raised_ = 0;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_ALARM_H_
