#ifndef SUPPORT_ON_ASSIGNED_H_
#define SUPPORT_ON_ASSIGNED_H_

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "conveyor/observer.h"

namespace support {

/// Calls back when the first partition was assigned; everything goes on to another observer.
///
/// Thread safety: as Observer.
class OnAssigned final : public conveyor::Observer {
 public:
  /// @param next null: standard error
  OnAssigned(std::shared_ptr<conveyor::Observer> next, std::function<void()> then)
      : next_(next ? std::move(next) : conveyor::stderr_observer()), then_(std::move(then)) {}

  void on_log(const conveyor::LogLine& line) override { next_->on_log(line); }
  void on_event(const conveyor::Event& event) override {
    next_->on_event(event);
    if (event.kind == conveyor::Event::Kind::kAssigned && !called_.exchange(true)) then_();
  }

 private:
  std::shared_ptr<conveyor::Observer> next_;
  std::function<void()> then_;
  std::atomic<bool> called_{false};
};

}  // namespace support

#endif  // SUPPORT_ON_ASSIGNED_H_
