#ifndef CONVEYOR_TESTS_SUPPORT_COLLECTING_OBSERVER_H_
#define CONVEYOR_TESTS_SUPPORT_COLLECTING_OBSERVER_H_

#include <mutex>
#include <string>
#include <vector>

#include "conveyor/observer.h"

namespace conveyor::tests {

/// Keeps every event and log line.
class CollectingObserver final : public Observer {
 public:
  struct Seen {
    Event::Kind kind = Event::Kind::kClientError;
    std::string topic = {};
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::string text = {};
  };

  void on_log(const LogLine& line) override {
    const std::lock_guard lock(mutex_);
    lines_.emplace_back(line.text);
  }
  void on_event(const Event& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back({event.kind, std::string(event.topic), event.partition, event.offset, std::string(event.text)});
  }

  [[nodiscard]] std::vector<Seen> events(Event::Kind kind) const {
    const std::lock_guard lock(mutex_);
    std::vector<Seen> found;
    for (const Seen& one : events_) {
      if (one.kind == kind) found.push_back(one);
    }
    return found;
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Seen> events_;
  std::vector<std::string> lines_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_COLLECTING_OBSERVER_H_
