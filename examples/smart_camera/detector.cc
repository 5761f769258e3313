#include "detector.h"

#include <cstdio>
#include <filesystem>
#include <memory>

#include "conveyor/media/image_codec.h"
#include "conveyor/vision/serve.h"
#include "conveyor/worker.h"
#include "detector_choice.h"
#include "support/cache_folder.h"
#include "support/on_assigned.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;

void say_ready() {
  std::puts("ready");
  std::fflush(stdout);
}

}  // namespace

std::string default_detector() {
  return std::filesystem::exists(support::cache_folder() / "models/pedestrians.onnx") ? "ssdlite" : "hog";
}

void detect(const ConfigFor& config_for, const DetectorOptions& options, const std::stop_token& stop) {
  const auto model = make_detector(options.detector.empty() ? default_detector() : options.detector);
  conveyor::Config config = config_for("detectors");
  config.service = options.name;
  config.observer = std::make_shared<support::OnAssigned>(nullptr, say_ready);
  // Each result is sent at once: the next one takes a while.
  config.properties.try_emplace("linger.ms", "0");
  // The frames of a detector that is killed wait for so long, until others get them.
  if (config.properties.try_emplace("session.timeout.ms", "6000").second) {
    config.properties.try_emplace("heartbeat.interval.ms", "2000");
  }
  // A frame takes long, so that a commit for every few costs nothing, and a detector that is killed repeats fewer.
  conveyor::Worker worker(
      config,
      {.threads = options.threads, .drain_timeout = 5s, .commit_interval = 250ms, .dead_letter = {.enabled = true}});
  conveyor::vision::serve(worker, kFrames, kProcessed, model, {.decode = conveyor::media::decode});
  worker.run(stop);
}

}  // namespace smart_camera
