#ifndef CONVEYOR_SRC_TRANSACTIONS_PATIENT_CALLS_H_
#define CONVEYOR_SRC_TRANSACTIONS_PATIENT_CALLS_H_

#include <algorithm>
#include <chrono>
#include <string_view>

#include "base/reminder.h"
#include "kafka/transactional_producer.h"
#include "produce/waitable_clock.h"
#include "transactions/transaction_events.h"
#include "transactions/transaction_state.h"

namespace conveyor::worker {

/// a call that may have to be given up runs at most this long
inline constexpr std::chrono::milliseconds kCallSlice{500};
inline constexpr std::chrono::milliseconds kShortestPatience{20};
inline constexpr std::chrono::milliseconds kLongestPatience{1'000};
inline constexpr std::chrono::milliseconds kSayWhyAgainAfter{30'000};

/// How the transaction thread waits, and repeats calls that may succeed later, until the worker stops.
///
/// Thread safety: one thread, the transaction thread.
class PatientCalls {
 public:
  using Outcome = kafka::TransactionalProducer::Outcome;

  PatientCalls(TransactionState& state, kafka::WaitableClock& clock, const TransactionEvents& events)
      : state_(state), clock_(clock), events_(events) {}

  /// The worker stops: wait for nothing any more.
  [[nodiscard]] bool over() const {
    const MutexLock lock{state_.mutex};
    return state_.stopping || state_.dead;
  }

  /// A stop and a partition that must leave end the wait; inputs that finish meanwhile do not.
  void wait(std::chrono::milliseconds time) {
    MutexLock lock{state_.mutex};
    const auto until = clock_.now() + time;
    while (!state_.stopping && state_.releasing == 0 && clock_.now() < until) {
      clock_.wait(state_.changed, lock, until);
    }
  }

  /// Repeats the call while its result is kAgain. @param doing what the call does, for the operator
  /// @return kAgain only when over()
  template <class Call>
  [[nodiscard]] Outcome insist(std::string_view doing, Call call) {
    Reminder reminder(clock_.now() + kSayWhyAfter, kSayWhyAgainAfter);
    while (true) {
      Outcome outcome = call();
      if (outcome.result != kafka::TransactionalProducer::Result::kAgain || over()) return outcome;
      if (reminder.due(clock_.now())) events_.takes_long(doing, outcome.text);
      wait(kShortestPatience);
    }
  }

 private:
  static constexpr std::chrono::milliseconds kSayWhyAfter{10'000};

  TransactionState& state_;
  kafka::WaitableClock& clock_;
  const TransactionEvents& events_;
};

/// Growing waits between attempts.
class Backoff {
 public:
  [[nodiscard]] std::chrono::milliseconds next() noexcept {
    const auto wait = wait_;
    wait_ = std::min(wait_ * 2, kLongestPatience);
    return wait;
  }

 private:
  std::chrono::milliseconds wait_ = kShortestPatience;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_PATIENT_CALLS_H_
