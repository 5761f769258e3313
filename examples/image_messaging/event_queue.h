#ifndef IMAGE_MESSAGING_EVENT_QUEUE_H_
#define IMAGE_MESSAGING_EVENT_QUEUE_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace image_messaging {

/// Hands things from several threads to one. It holds few: who brings more waits.
///
/// Thread safety: all functions, from any thread.
template <class Event>
class EventQueue {
 public:
  explicit EventQueue(std::size_t most) : most_(most) {}

  /// @return false when the stop was requested before there was room
  bool push(Event event, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    if (!room_.wait(lock, stop, [this] { return events_.size() < most_; })) return false;
    events_.push_back(std::move(event));
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// The oldest, or nothing when none came in time.
  std::optional<Event> pop(std::chrono::milliseconds within) {
    std::unique_lock lock(mutex_);
    if (!filled_.wait_for(lock, within, [this] { return !events_.empty(); })) return {};
    std::optional<Event> event(std::move(events_.front()));
    events_.pop_front();
    lock.unlock();
    room_.notify_one();
    return event;
  }

 private:
  const std::size_t most_;
  std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable_any filled_;
  std::deque<Event> events_;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_EVENT_QUEUE_H_
