#include "detector_pool.h"

#include <algorithm>
#include <cstdio>
#include <system_error>

#include "conveyor/error.h"

namespace smart_camera {
namespace {

using namespace std::chrono_literals;

std::string numbered(int number) { return "detector-" + std::to_string(number); }

bool is_up(DetectorState state) { return state == DetectorState::kStarting || state == DetectorState::kRunning; }

}  // namespace

const char* name_of(DetectorState state) noexcept {
  switch (state) {
    case DetectorState::kStarting:
      return "starting";
    case DetectorState::kRunning:
      return "running";
    case DetectorState::kStopping:
      return "stopping";
    case DetectorState::kStopped:
      return "stopped";
    case DetectorState::kFailed:
      return "failed";
  }
  return "";
}

void DetectorPool::launch(const std::string& name) {
  std::unique_ptr<support::Child> child = start_(name);
  std::printf("%s is process %d\n", name.c_str(), child->pid());
  std::fflush(stdout);
  const std::lock_guard lock(mutex_);
  Detector& detector = detectors_[name];
  detector.info = {.name = name, .state = DetectorState::kStarting, .pid = child->pid()};
  detector.child = std::move(child);
}

void DetectorPool::start(int count, std::chrono::seconds within) {
  for (int i = 1; i <= count; ++i) launch(numbered(i));
  const auto deadline = std::chrono::steady_clock::now() + within;
  for (auto& [name, detector] : detectors_) {
    const auto left = deadline - std::chrono::steady_clock::now();
    if (detector.child->wait_for_line(std::chrono::duration_cast<std::chrono::milliseconds>(left))) {
      const std::lock_guard lock(mutex_);
      detector.info.state = DetectorState::kRunning;
    } else if (const auto code = detector.child->ended()) {
      throw conveyor::Error(conveyor::errc::fatal, name + " ended with code " + std::to_string(*code));
    } else {
      // Not an error: with more detectors than partitions some stay idle until another ends.
      std::fprintf(stderr, "smart_camera: %s has got no partitions yet\n", name.c_str());
    }
  }
}

void DetectorPool::step() {
  std::deque<Wish> wishes;
  {
    const std::lock_guard lock(mutex_);
    wishes.swap(wishes_);
  }
  for (const Wish& wish : wishes) {
    const auto found = detectors_.find(wish.name);
    const bool up = found != detectors_.end() && found->second.child && !found->second.child->ended();
    if (wish.run && !up) {
      try {
        launch(wish.name);
      } catch (const std::system_error& error) {  // too many processes, perhaps
        std::fprintf(stderr, "smart_camera: %s: %s\n", wish.name.c_str(), error.what());
      }
    }
    if (!wish.run && up) {
      found->second.child->ask_to_stop();
      const std::lock_guard lock(mutex_);
      found->second.info.state = DetectorState::kStopping;
    }
  }
  for (auto& [name, detector] : detectors_) look_after(detector);
}

void DetectorPool::look_after(Detector& detector) {
  if (!detector.child) return;
  const bool ready = detector.info.state == DetectorState::kStarting && detector.child->wait_for_line(5ms);
  const std::optional<int> code = detector.child->ended();
  if (code) detector.child.reset();
  const std::lock_guard lock(mutex_);
  if (ready) detector.info.state = DetectorState::kRunning;
  if (!code) return;
  const bool asked = detector.info.state == DetectorState::kStopping;
  detector.info.state = asked ? DetectorState::kStopped : DetectorState::kFailed;
  detector.info.code = *code;
  // Not an error either: the others take over its partitions.
  if (!asked) std::fprintf(stderr, "smart_camera: %s ended early, with code %d\n", detector.info.name.c_str(), *code);
}

void DetectorPool::stop() {
  step();
  for (auto& [name, detector] : detectors_) {
    if (detector.child) detector.child->ask_to_stop();
  }
  for (auto& [name, detector] : detectors_) detector.child.reset();
}

/// With the lock held: whether it runs once all wishes are fulfilled.
bool DetectorPool::runs(const std::string& name) const {
  const auto found = detectors_.find(name);
  bool up = found != detectors_.end() && is_up(found->second.info.state);
  for (const Wish& wish : wishes_) up = wish.name == name ? wish.run : up;
  return up;
}

std::string DetectorPool::request_start(const std::string& name) {
  const std::lock_guard lock(mutex_);
  for (int i = 1; i <= kMost; ++i) {
    const std::string free = numbered(i);
    if (runs(free) || (!name.empty() && name != free)) continue;
    const auto found = detectors_.find(free);
    if (found != detectors_.end() && found->second.info.state == DetectorState::kStopping) {
      if (name.empty()) continue;
      return name + " is still stopping";
    }
    wishes_.push_back({free, true});
    return "";
  }
  if (name.empty()) return "there are " + std::to_string(kMost) + " detectors already";
  return runs(name) ? name + " runs already" : "there is no detector " + name;
}

std::string DetectorPool::request_stop(const std::string& name) {
  const std::lock_guard lock(mutex_);
  if (!runs(name)) return name + " does not run";
  wishes_.push_back({name, false});
  return "";
}

std::vector<DetectorInfo> DetectorPool::detectors() const {
  const std::lock_guard lock(mutex_);
  std::vector<DetectorInfo> all;
  for (const auto& [name, detector] : detectors_) all.push_back(detector.info);
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.name.size() != b.name.size() ? a.name.size() < b.name.size() : a.name < b.name;
  });
  return all;
}

}  // namespace smart_camera
