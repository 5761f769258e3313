#include "alarm.h"

#include <cinttypes>
#include <cstdio>

namespace smart_camera {

void Alarm::on_frame(const conveyor::v1::ProcessedImage& processed) {
  const int people = people_in(processed);
  if (!crowd_.raised(people)) return;
  ++raised_;
  std::printf("ALERT  frame %" PRId64 ": %d people\n", processed.image().frame(), people);
  std::fflush(stdout);
}

std::string Alarm::summary() const {
  return std::to_string(raised_) + " (" + std::to_string(threshold_) + " people or more)";
}

}  // namespace smart_camera
