#include "detector.h"

#include <atomic>
#include <cstdio>
#include <memory>

#include "conveyor/media/image_codec.h"
#include "conveyor/observer.h"
#include "conveyor/vision/hog.h"
#include "conveyor/vision/serve.h"
#include "conveyor/worker.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;

/// Says when the first partition was assigned; log lines go on to standard error.
class SayReady final : public conveyor::Observer {
 public:
  void on_log(const conveyor::LogLine& line) override { log_->on_log(line); }
  void on_event(const conveyor::Event& event) override {
    if (event.kind != conveyor::Event::Kind::kAssigned || said_.exchange(true)) return;
    std::puts("ready");
    std::fflush(stdout);
  }

 private:
  std::shared_ptr<conveyor::Observer> log_ = conveyor::stderr_observer();
  std::atomic<bool> said_{false};
};

}  // namespace

void detect(const ConfigFor& config_for, const DetectorOptions& options, const std::stop_token& stop) {
  conveyor::Config config = config_for("detectors");
  config.service = options.name;
  config.observer = std::make_shared<SayReady>();
  // A frame takes long, so that a commit for every few costs nothing, and a detector that is killed repeats fewer.
  conveyor::Worker worker(config, {.threads = options.threads, .drain_timeout = 5s, .commit_interval = 250ms});
  conveyor::vision::serve(worker, kFrames, kProcessed, conveyor::vision::hog_people(),
                          {.decode = conveyor::media::decode});
  worker.run(stop);
}

}  // namespace smart_camera
