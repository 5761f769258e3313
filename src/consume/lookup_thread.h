#ifndef CONVEYOR_SRC_CONSUME_LOOKUP_THREAD_H_
#define CONVEYOR_SRC_CONSUME_LOOKUP_THREAD_H_

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "consume/client_slot.h"
#include "consume/partition_lookup.h"
#include "kafka/wakeup.h"

namespace conveyor::worker {

/// A PartitionLookup that asks the member's present client. Each round has a thread of its own.
class LookupThread final : public PartitionLookup {
 public:
  /// @param client must outlive this object
  /// @param wakeup signalled when the answer arrives
  LookupThread(const ClientSlot& client, std::shared_ptr<kafka::Wakeup> wakeup)
      : client_(client), wakeup_(std::move(wakeup)) {}

  void ask(std::vector<Question> questions, std::chrono::milliseconds within) override;
  [[nodiscard]] bool asking() const noexcept override { return round_ != nullptr; }
  [[nodiscard]] std::vector<Question> take() override;
  void forget() noexcept override { round_.reset(); }

 private:
  struct Round {
    std::vector<Question> questions;
    std::atomic<bool> answered{false};
  };

  const ClientSlot& client_;
  const std::shared_ptr<kafka::Wakeup> wakeup_;
  std::shared_ptr<Round> round_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_LOOKUP_THREAD_H_
