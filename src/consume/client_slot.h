#ifndef CONVEYOR_SRC_CONSUME_CLIENT_SLOT_H_
#define CONVEYOR_SRC_CONSUME_CLIENT_SLOT_H_

#include <functional>
#include <memory>
#include <utility>

#include "base/thread_annotations.h"
#include "kafka/consumer_client.h"

namespace conveyor::worker {

/// Holds the Kafka client that a member currently has. Another one takes its place when it fails.
///
/// Thread safety: get() may be called from any thread, the others from the member's thread.
class ClientSlot {
 public:
  using Make = std::function<std::shared_ptr<kafka::ConsumerClient>()>;

  /// @throws Error that `make` throws
  explicit ClientSlot(Make make) : make_(std::move(make)), client_(make_()) {}

  [[nodiscard]] std::shared_ptr<kafka::ConsumerClient> get() const {
    const MutexLock lock{mutex_};
    return client_;
  }
  /// Without the mutex: the thread that calls it is the only one that writes.
  [[nodiscard]] kafka::ConsumerClient* operator->() const noexcept CONVEYOR_NO_THREAD_ANALYSIS { return client_.get(); }
  /// Creates another client. @throws Error that `make` throws; the present client then stays
  void renew() {
    auto made = make_();
    const MutexLock lock{mutex_};
    client_ = std::move(made);
  }

 private:
  const Make make_;
  mutable Mutex mutex_;
  std::shared_ptr<kafka::ConsumerClient> client_ CONVEYOR_GUARDED_BY(mutex_);
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_CLIENT_SLOT_H_
