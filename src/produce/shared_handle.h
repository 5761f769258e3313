#ifndef CONVEYOR_SRC_PRODUCE_SHARED_HANDLE_H_
#define CONVEYOR_SRC_PRODUCE_SHARED_HANDLE_H_

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/producer_handle.h"

namespace conveyor::kafka {

/// A client and its users: senders inside a call that does not wait, visitors inside one that does, its topics, and the
/// sends that it may still read. After its client failed, a producer goes on with a new one and never reads the old
/// one's reports again.
///
/// Thread safety: as each function says. Only wait_for_senders() and wait_until_gone() wait.
class SharedHandle {
 public:
  /// While it lives, the client is not destroyed.
  class Visit {
   public:
    explicit Visit(SharedHandle& shared) : shared_(shared) {
      shared_.visitors_.fetch_add(1, std::memory_order_relaxed);
    }
    ~Visit() { shared_.visitors_.fetch_sub(1, std::memory_order_release); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    [[nodiscard]] ProducerHandle& operator*() const noexcept { return *shared_.handle_; }
    [[nodiscard]] ProducerHandle* operator->() const noexcept { return shared_.handle_.get(); }

   private:
    SharedHandle& shared_;
  };

  explicit SharedHandle(std::unique_ptr<ProducerHandle> handle) : handle_(std::move(handle)) {}

  [[nodiscard]] ProducerHandle& operator*() const noexcept { return *handle_; }
  [[nodiscard]] ProducerHandle* operator->() const noexcept { return handle_.get(); }

  /// @return null when the name is not legal. Call it from one thread at a time.
  [[nodiscard]] rd_kafka_topic_t* topic(std::string_view channel);

  /// A sender is about to hand something over. The client ends only while no sender is inside.
  void enter() noexcept { senders_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept { senders_.fetch_sub(1, std::memory_order_release); }
  /// Call it when nobody can enter any more.
  void wait_for_senders() const noexcept;
  [[nodiscard]] bool visited() const noexcept { return visitors_.load(std::memory_order_acquire) != 0; }

  /// Keeps a send that the client may read until it is destroyed. This and the following functions are for the delivery
  /// thread.
  void keep(ProducerRecord::Ptr send) { kept_->push_back(std::move(send)); }
  /// A second call does nothing.
  void begin_destroy();
  /// Whether the destruction that was begun has ended.
  [[nodiscard]] bool is_gone() { return kept_ == nullptr && handle_->is_gone(); }
  bool wait_until_gone(std::chrono::milliseconds within) { return handle_->wait_until_gone(within); }

 private:
  std::shared_ptr<std::vector<ProducerRecord::Ptr>> kept_ = std::make_shared<std::vector<ProducerRecord::Ptr>>();
  const std::unique_ptr<ProducerHandle> handle_;
  using Topics = std::map<std::string, rd_kafka_topic_t*, std::less<>>;
  Topics topics_;
  // A cache of recently used topics, indexed by the address of the channel's name, which is mostly the same at each
  // send.
  std::array<const Topics::value_type*, 256> recent_ = {};
  std::atomic<int> senders_{0};
  std::atomic<int> visitors_{0};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_SHARED_HANDLE_H_
