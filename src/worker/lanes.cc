#include "worker/lanes.h"

#include <utility>

namespace conveyor::worker {

void Lanes::push(Incoming incoming) {
  bool wake = false;
  {
    const std::lock_guard lock{mutex_};
    const Partition* key = incoming.partition.get();
    Lane& lane = lanes_[key];
    lane.waiting.push_back(std::move(incoming));
    if (!lane.busy) {
      lane.busy = true;
      ready_.push_back(key);
      wake = true;
    }
  }
  if (wake) changed_.notify_one();
}

std::optional<Incoming> Lanes::pop() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [&] { return closed_ || !ready_.empty(); });
  if (closed_) return {};
  Lane& lane = lanes_.at(ready_.front());
  ready_.pop_front();
  Incoming incoming = std::move(lane.waiting.front());
  lane.waiting.pop_front();
  return incoming;
}

void Lanes::release(const Partition& partition) {
  const std::lock_guard lock{mutex_};
  const auto found = lanes_.find(&partition);
  if (found == lanes_.end()) return;
  if (found->second.waiting.empty()) {
    lanes_.erase(found);
  } else {
    // The releasing thread takes the next one itself: nobody needs to be woken.
    ready_.push_back(&partition);
  }
}

std::size_t Lanes::drop(const Partition& partition) {
  std::deque<Incoming> thrown_away;  // destroyed after the lock is
  const std::lock_guard lock{mutex_};
  const auto found = lanes_.find(&partition);
  if (found == lanes_.end()) return 0;
  thrown_away.swap(found->second.waiting);
  // Waiting for its turn, and not in a thread's hands: the lane ends here, otherwise with its release.
  if (std::erase(ready_, &partition) != 0) lanes_.erase(found);
  return thrown_away.size();
}

void Lanes::close() {
  {
    const std::lock_guard lock{mutex_};
    closed_ = true;
  }
  changed_.notify_all();
}

}  // namespace conveyor::worker
