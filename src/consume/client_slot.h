#ifndef CONVEYOR_SRC_CONSUME_CLIENT_SLOT_H_
#define CONVEYOR_SRC_CONSUME_CLIENT_SLOT_H_

#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "kafka/consumer_client.h"

namespace conveyor::worker {

/// The Kafka client that a member has at present; another takes its place when it fails.
///
/// Thread safety: get() may be called from any thread, the others from the reading thread.
class ClientSlot {
 public:
  using Make = std::function<std::shared_ptr<kafka::ConsumerClient>()>;

  /// @throws Error what `make` throws
  explicit ClientSlot(Make make) : make_(std::move(make)), client_(make_()) {}

  [[nodiscard]] std::shared_ptr<kafka::ConsumerClient> get() const {
    const std::lock_guard lock{mutex_};
    return client_;
  }
  [[nodiscard]] kafka::ConsumerClient* operator->() const noexcept { return client_.get(); }
  /// Makes another one. @throws Error what `make` throws; then the present one stays
  void renew() {
    auto made = make_();
    const std::lock_guard lock{mutex_};
    client_ = std::move(made);
  }

 private:
  const Make make_;
  mutable std::mutex mutex_;  // what the reading thread alone writes, it reads without
  std::shared_ptr<kafka::ConsumerClient> client_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_CLIENT_SLOT_H_
