#ifndef CONVEYOR_SRC_TRANSACTIONS_KEPT_OUTPUTS_H_
#define CONVEYOR_SRC_TRANSACTIONS_KEPT_OUTPUTS_H_

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

#include "transactions/committable_inputs.h"

namespace conveyor::worker {

/// Counts the bytes of outputs that are kept for transactions, from when their handler is done until the memory is
/// freed.
///
/// Thread safety: all functions may be called from any thread.
class KeptOutputs {
 public:
  /// @param most bytes above which handlers should wait
  explicit KeptOutputs(std::size_t most) : state_(std::make_shared<State>()), most_(most) {}

  /// The outputs count until their last owner releases them.
  [[nodiscard]] std::shared_ptr<Outputs> keep(Outputs outputs) {
    std::size_t bytes = 0;
    for (const auto& send : outputs) bytes += send->record_bytes();
    auto counted = std::make_shared<Counted>(std::move(outputs), state_, bytes);
    return {counted, &counted->outputs};
  }

  [[nodiscard]] std::size_t bytes() const noexcept { return state_->bytes.load(std::memory_order_relaxed); }
  [[nodiscard]] bool full() const noexcept { return bytes() >= most_; }
  /// Whether enough is kept to commit a transaction at once.
  [[nodiscard]] bool many() const noexcept { return bytes() >= most_ / 2; }

 private:
  struct State {
    std::atomic<std::size_t> bytes{0};
  };
  struct Counted {
    Counted(Outputs kept, std::shared_ptr<State> counted_in, std::size_t size)
        : outputs(std::move(kept)), state(std::move(counted_in)), bytes(size) {
      state->bytes.fetch_add(bytes, std::memory_order_relaxed);
    }
    ~Counted() { state->bytes.fetch_sub(bytes, std::memory_order_relaxed); }
    Counted(const Counted&) = delete;
    Counted& operator=(const Counted&) = delete;

    Outputs outputs;
    const std::shared_ptr<State> state;
    const std::size_t bytes;
  };

  const std::shared_ptr<State> state_;
  const std::size_t most_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_KEPT_OUTPUTS_H_
