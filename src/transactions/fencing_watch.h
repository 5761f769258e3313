#ifndef CONVEYOR_SRC_TRANSACTIONS_FENCING_WATCH_H_
#define CONVEYOR_SRC_TRANSACTIONS_FENCING_WATCH_H_

#include <chrono>

namespace conveyor::worker {

/// Decides whether a fenced producer may take its transactional id back.
///
/// Usually another instance with the same id has fenced it. But brokers also fence a producer whose transaction takes
/// too long. And a broker that was frozen while a transaction was aborted may take the client's newer epoch for a wrong
/// one. Fencing by another instance shows itself differently: it happens without any other trouble, or continues after
/// the trouble.
///
/// Pure: no threads, no clock.
class FencingWatch {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// @param transaction_timeout after this time the brokers abort a transaction themselves
  explicit FencingWatch(std::chrono::milliseconds transaction_timeout) : transaction_timeout_(transaction_timeout) {}

  /// A transaction begins, or its first output is about to be sent.
  void begun(TimePoint now) noexcept { begun_at_ = now; }
  /// An error showed that the brokers may lag behind what the client knows.
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
