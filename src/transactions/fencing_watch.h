#ifndef CONVEYOR_SRC_TRANSACTIONS_FENCING_WATCH_H_
#define CONVEYOR_SRC_TRANSACTIONS_FENCING_WATCH_H_

#include <chrono>

namespace conveyor::worker {

/// Whether a producer that is fenced may take its id back.
///
/// Being fenced is the work of another instance, as a rule. But the brokers also end a transaction that takes too long;
/// and one that was frozen while a transaction was aborted takes the client's newer epoch for a wrong one, by what it
/// knew before. Another instance of the same name is told by its fencing us without any trouble, or still after it.
///
/// A decision without threads or clock.
class FencingWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// @param transaction_timeout after which the brokers end a transaction by themselves
  explicit FencingWatch(std::chrono::milliseconds transaction_timeout) : transaction_timeout_(transaction_timeout) {}

  /// A transaction begins, or its first output is about to be sent.
  void begun(TimePoint now) noexcept { begun_at_ = now; }
  /// The brokers may lag behind what we know.
  void troubled(TimePoint now) noexcept { troubled_until_ = now + kTroubledFor; }

  [[nodiscard]] bool may_be_ours(TimePoint now) const noexcept {
    return now - begun_at_ >= transaction_timeout_ || now < troubled_until_;
  }

 private:
  static constexpr std::chrono::milliseconds kTroubledFor{60'000};

  std::chrono::milliseconds transaction_timeout_;
  TimePoint begun_at_ = {};
  TimePoint troubled_until_ = {};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_FENCING_WATCH_H_
