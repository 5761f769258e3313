#include "produce/send_queue.h"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

namespace conveyor::kafka {

using std::chrono::milliseconds;

Refusal SendQueue::full() const { return texts_.queue_full(state_.registry.counters()); }

bool SendQueue::may_wait() const {
  return options_.when_full == WhenFull::kBlock && std::this_thread::get_id() != state_.delivery_thread;
}

std::optional<Refusal> SendQueue::wait_for_room(MutexLock& lock, std::size_t bytes) {
  if (state_.registry.has_room(bytes)) return {};
  if (!may_wait()) return full();
  const auto until = clock_.now() + std::min(options_.block_timeout, kLongestWait);
  while (!state_.registry.has_room(bytes) && state_.no_more.code == errc::ok) {
    if (clock_.now() >= until) return full();
    clock_.wait(state_.changed, lock, until);
  }
  return {};
}

std::optional<Refusal> SendQueue::submit(ProducerRecord::Ptr send, std::size_t message_bytes,
                                         WaitableClock::TimePoint now) {
  const auto deadline = now + std::min(options_.block_timeout, kLongestWait);
  send->due = now + std::min(options_.delivery_timeout, kLongestWait);
  MutexLock lock{state_.mutex};
  while (true) {
    if (auto refusal = wait_for_room(lock, send->key_and_value_bytes())) return refusal;
    if (state_.no_more.code != errc::ok) return state_.no_more;
    if (state_.recovering) {
      // The registry owns it until the new client gets it.
      state_.registry.accept(send.release(), message_bytes, false);
      return {};
    }
    SharedHandle& handle = *state_.handle;
    rd_kafka_topic_t* topic = handle.topic(send->topic());
    if (topic == nullptr) return texts_.illegal_topic(send->topic());
    state_.registry.accept(send.get(), message_bytes, true);
    handle.enter();
    lock.unlock();

    // From here on the delivery report may delete the send, unless the client refuses it.
    ProducerRecord* raw = send.release();
    const rd_kafka_resp_err_t code = handle->produce(*raw, topic);
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
      handle.leave();
      return {};
    }

    lock.lock();
    if (code == RD_KAFKA_RESP_ERR__FATAL) {
      state_.registry.take_back(raw);  // the next client gets it, and cannot take over before this thread leaves
      handle.leave();
      return {};
    }
    send.reset(raw);
    state_.registry.undo_accept(raw, message_bytes);
    handle.leave();
    state_.changed.notify_all();
    if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL) return texts_.refused(code, send->topic());
    // librdkafka's queue also counts reports that our thread has not taken yet.
    if (!may_wait() || clock_.now() >= deadline) return full();
    clock_.wait(state_.changed, lock, clock_.now() + milliseconds(10));
  }
}

void SendQueue::count_refused(bool dropped) noexcept {
  const MutexLock lock{state_.mutex};
  state_.registry.count_refused(dropped);
}

bool SendQueue::wait_for(std::uint64_t sequence, milliseconds within, bool hurry) {
  const auto deadline = clock_.now() + std::min(within, kLongestWait);
  MutexLock lock{state_.mutex};
  while (!state_.registry.resolved_up_to(sequence)) {
    const auto now = clock_.now();
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - now);
    if (left.count() <= 0) return false;
    auto slice = std::min(left, milliseconds(100));
    if (hurry && !state_.recovering) {
      const SharedHandle::Visit handle{*state_.handle};
      lock.unlock();
      // Makes the client send at once, without lingering. The delivery thread takes the reports.
      handle->flush(slice);
      lock.lock();
      if (state_.registry.resolved_up_to(sequence)) return true;
      slice = milliseconds(1);
    }
    clock_.wait(state_.changed, lock, clock_.now() + slice);
  }
  return true;
}

bool SendQueue::wait_until_resolved(milliseconds within, bool hurry) {
  std::uint64_t last = 0;
  {
    const MutexLock lock{state_.mutex};
    last = state_.registry.last_sequence();
  }
  return wait_for(last, within, hurry);
}

bool SendQueue::wait_until_empty(milliseconds within, bool hurry) {
  return wait_for(std::numeric_limits<std::uint64_t>::max(), within, hurry);
}

FlushReport SendQueue::flush(milliseconds within) {
  wait_until_resolved(within, true);
  const MutexLock lock{state_.mutex};
  return state_.registry.report_since_last();
}

ProducerCounters SendQueue::counters() const noexcept {
  const MutexLock lock{state_.mutex};
  return state_.registry.counters();
}

SharedHandle::Visit SendQueue::visit() const {
  const MutexLock lock{state_.mutex};
  return SharedHandle::Visit{*state_.handle};
}

}  // namespace conveyor::kafka
