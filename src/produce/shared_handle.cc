#include "produce/shared_handle.h"

#include <cstddef>
#include <cstdint>
#include <thread>

namespace conveyor::kafka {
namespace {

// An index below 256, far apart for neighbouring addresses: Fibonacci hashing (Knuth, The Art of Computer Programming
// 3, 6.4), with 2^64 divided by the golden ratio.
std::size_t place_of(const void* address) noexcept {
  constexpr std::uint64_t kFibonacci = 0x9E37'79B9'7F4A'7C15;
  return static_cast<std::size_t>(reinterpret_cast<std::uintptr_t>(address) * kFibonacci >> 56);
}

}  // namespace

rd_kafka_topic_t* SharedHandle::topic(std::string_view channel) {
  const Topics::value_type*& recent = recent_[place_of(channel.data())];
  if (recent != nullptr && recent->first == channel) return recent->second;
  auto found = topics_.find(channel);
  if (found == topics_.end()) {
    rd_kafka_topic_t* topic = handle_->open_topic(channel);
    if (topic == nullptr) return nullptr;
    found = topics_.emplace(channel, topic).first;
  }
  recent = &*found;
  return found->second;
}

void SharedHandle::wait_for_senders() const noexcept {
  // The senders are inside a call that does not wait.
  while (senders_.load(std::memory_order_acquire) != 0) std::this_thread::sleep_for(std::chrono::microseconds(50));
}

void SharedHandle::begin_destroy() {
  if (kept_ == nullptr) return;
  recent_ = {};
  topics_.clear();
  handle_->begin_destroy(std::move(kept_));
}

}  // namespace conveyor::kafka
