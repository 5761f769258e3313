#include "labellers.h"

#include <algorithm>
#include <utility>

#include "conveyor/error.h"

namespace image_messaging {

using namespace std::chrono_literals;

Labellers::Labellers(int count, LabelOptions options, std::map<std::string, std::string> environment,
                     std::filesystem::path log, std::function<void(const std::string&)> say)
    : options_(std::move(options)), environment_(std::move(environment)), log_(std::move(log)), say_(std::move(say)) {
  for (int i = 1; i <= count; ++i) {
    places_.push_back({.name = "labeller-" + std::to_string(i), .child = {}});
    start(places_.back());
  }
}

void Labellers::start(Place& place) {
  std::vector<std::string> arguments{
      "label", "--name", place.name, "--group", options_.group, "--threads", std::to_string(options_.threads)};
  if (!options_.classifier.empty()) arguments.insert(arguments.end(), {"--classifier", options_.classifier});
  if (!log_.empty()) arguments.insert(arguments.end(), {"--log", log_.string()});
  place.child = std::make_unique<support::Child>(place.name, arguments, environment_);
  place.started = Clock::now();
  place.told = false;
  say_(place.name + " is process " + std::to_string(place.child->pid()));
}

void Labellers::wait_until_ready(const std::stop_token& stop) {
  for (Place& place : places_) {
    const auto deadline = Clock::now() + 30s;
    bool ready = false;
    while (!ready && !stop.stop_requested() && !place.child->ended() && Clock::now() < deadline) {
      ready = place.child->wait_for_line(200ms);
    }
    if (stop.stop_requested()) return;
    if (const auto code = place.child->ended(); code && !ready) {
      throw conveyor::Error(conveyor::errc::fatal, place.name + " ended with code " + std::to_string(*code) +
                                                       "; its reason is above or in the log");
    }
    // Not an error: with more labellers than partitions some stay idle until another ends.
    if (!ready) say_(place.name + " has got no partitions yet");
  }
}

void Labellers::look_after() {
  constexpr auto kLongestPause = 10s;
  constexpr auto kLivedLong = 30s;
  for (Place& place : places_) {
    const auto code = place.child->ended();
    if (!code) continue;
    if (!std::exchange(place.told, true)) {
      say_(place.name + " ended with code " + std::to_string(*code) + "; it is started again");
      const bool lived = Clock::now() - place.started >= kLivedLong;
      place.pause = lived ? 0ms : std::clamp<std::chrono::milliseconds>(2 * place.pause, 250ms, kLongestPause);
    }
    if (Clock::now() - place.started < place.pause) continue;
    ++restarts_;
    start(place);
  }
}

void Labellers::ask_to_stop() {
  for (Place& place : places_) place.child->ask_to_stop();
}

int Labellers::running() {
  return static_cast<int>(
      std::count_if(places_.begin(), places_.end(), [](Place& place) { return !place.child->ended(); }));
}

}  // namespace image_messaging
