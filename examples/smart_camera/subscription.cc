#include "subscription.h"

#include <cstdio>
#include <exception>
#include <utility>

namespace smart_camera {

Subscription::Subscription(std::string name, Run run)
    : name_(std::move(name)), thread_([this, run = std::move(run)](const std::stop_token& stop) {
        try {
          run(stop, seen_);
        } catch (const std::exception& error) {
          std::fprintf(stderr, "smart_camera: %s: %s\n", name_.c_str(), error.what());
          failed_ = true;
        }
      }) {}

void Subscription::finish() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

}  // namespace smart_camera
