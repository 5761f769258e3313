#include "alerts.h"

#include <mutex>

#include "by_camera.h"
#include "camera_name.h"
#include "conveyor/worker.h"
#include "decisions.h"
#include "people.h"
#include "support/readable.h"

namespace smart_camera {

using namespace std::chrono_literals;

void send_alerts(const ConfigFor& config_for, int threshold, const std::stop_token& stop, AlertCounts& counts) {
  conveyor::Config config = config_for("alert");
  config.properties.try_emplace("linger.ms", "0");
  ByCamera<CrowdAlert> cameras([threshold] { return CrowdAlert(threshold); });
  std::mutex mutex;
  conveyor::Worker worker(config, {.drain_timeout = 5s, .commit_interval = 250ms, .dead_letter = {.enabled = true}});
  worker.handle(kProcessed, [&](const conveyor::v1::ProcessedImage& processed, conveyor::Context& context) {
    const conveyor::v1::Image& image = processed.image();
    const std::string camera = camera_of(image.source());
    const int people = people_in(processed);
    bool raised = false;
    {
      const std::lock_guard lock(mutex);
      raised = cameras[camera].raised(image.source(), image.frame(), people);
    }
    if (raised) {
      Alert alert;
      alert.set_camera(camera);
      alert.set_source(image.source());
      alert.set_frame(image.frame());
      alert.set_capture_time_us(image.capture_time_us());
      alert.set_people(people);
      alert.set_threshold(threshold);
      context.send(kAlerts, alert, {.key = camera});
      ++counts.sent;
    }
    ++counts.frames;
  });
  worker.run(stop);
}

void read_alerts(const conveyor::Config& config, conveyor::StartAt start_at, const std::stop_token& stop,
                 const std::function<void(const Alert&)>& on_alert) {
  conveyor::Consumer consumer(config, kAlerts, {.start_at = start_at, .stop = stop});
  support::for_each_readable(consumer, [&](const auto& message) { on_alert(message.value()); });
}

std::string alert_text(const Alert& alert) {
  return alert.camera() + " frame " + std::to_string(alert.frame()) + ": " + std::to_string(alert.people()) +
         " people (" + std::to_string(alert.threshold()) + " or more)";
}

}  // namespace smart_camera
