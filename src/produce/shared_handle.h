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

/// A client and who uses it: senders in the midst of a call, visitors who wait in one, its topics, and the sends it may
/// still read. A producer whose client failed goes on with a new one; reports of the old are then never read again.
///
/// Thread safety: as each function says; no function waits but wait_for_senders() and wait_until_gone().
class SharedHandle {
 public:
  /// While one lives, the client is not destroyed.
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

  /// @return null when the name is not legal. Called by one thread at a time.
  [[nodiscard]] rd_kafka_topic_t* topic(std::string_view channel);

  /// A sender is about to hand something over; clients end only when no sender is between the two.
  void enter() noexcept { senders_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept { senders_.fetch_sub(1, std::memory_order_release); }
  /// Once nobody can enter any more.
  void wait_for_senders() const noexcept;
  [[nodiscard]] bool visited() const noexcept { return visitors_.load(std::memory_order_acquire) != 0; }

  /// The client may read it until it is gone. Of the delivery thread, as what follows.
  void keep(ProducerRecord::Ptr send) { kept_->push_back(std::move(send)); }
  /// Does nothing the second time.
  void begin_destroy();
  /// Whether a destruction that was begun has ended.
  [[nodiscard]] bool is_gone() { return kept_ == nullptr && handle_->is_gone(); }
  bool wait_until_gone(std::chrono::milliseconds within) { return handle_->wait_until_gone(within); }

 private:
  std::shared_ptr<std::vector<ProducerRecord::Ptr>> kept_ = std::make_shared<std::vector<ProducerRecord::Ptr>>();
  const std::unique_ptr<ProducerHandle> handle_;
  using Topics = std::map<std::string, rd_kafka_topic_t*, std::less<>>;
  Topics topics_;
  // Mostly a channel's name lies where it lay the last time: the entry of its topic, at a place that follows from
  // there.
  std::array<const Topics::value_type*, 256> recent_ = {};
  std::atomic<int> senders_{0};
  std::atomic<int> visitors_{0};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_SHARED_HANDLE_H_
