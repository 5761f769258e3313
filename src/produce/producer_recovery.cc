#include "produce/producer_recovery.h"

#include <algorithm>

namespace conveyor::kafka {

using std::chrono::milliseconds;

milliseconds ProducerRecovery::wait(double random) noexcept {
  auto longest = settings_.initial_backoff;
  for (int i = 0; i < failures_ && longest < settings_.max_backoff; ++i) longest *= 2;
  longest = std::min(longest, settings_.max_backoff);
  ++failures_;
  return std::chrono::duration_cast<milliseconds>(longest * (0.5 + random / 2));
}

void ProducerRecovery::client_failed(Clock::time_point now, bool curable, double random) noexcept {
  if (failed()) return;
  phase_ = curable ? Phase::kGivingBack : Phase::kEnded;
  rebuild_at_ = now + wait(random);
  answer_until_ = closed_ ? now : now + settings_.answer_within;
  give_back_until_ = now + settings_.give_back_within;
  ask_at_ = now;
}

void ProducerRecovery::rebuild_failed(Clock::time_point now, double random) noexcept {
  rebuild_at_ = now + wait(random);
}

void ProducerRecovery::rebuilt() noexcept { phase_ = Phase::kSendingAgain; }

void ProducerRecovery::all_sent() noexcept { phase_ = Phase::kRunning; }

void ProducerRecovery::close(Clock::time_point now) noexcept {
  if (closed_) return;
  closed_ = true;
  ask_at_ = now;
  answer_until_ = now;
  give_back_until_ = std::max(give_back_until_, now + settings_.give_back_within);
}

ProducerRecovery::Step ProducerRecovery::next(Clock::time_point now, std::size_t with_client) noexcept {
  if (!takes_back()) return phase_ == Phase::kSendingAgain ? Step::kSendAgain : Step::kNothing;
  if (with_client != 0 && now < give_back_until_) {
    if (now < ask_at_) return Step::kNothing;
    ask_at_ = now + settings_.ask_every;
    return now < answer_until_ ? Step::kAskForUnsent : Step::kAskForAll;
  }
  if (closed_ || phase_ == Phase::kEnded) return with_client != 0 ? Step::kGiveUp : Step::kNothing;
  return now < rebuild_at_ ? Step::kNothing : Step::kRebuild;
}

Fate ProducerRecovery::fate_of(const Unresolved& send, Clock::time_point now) const noexcept {
  if (send.with_client) {
    // While the send is taken back, the report says more. Otherwise the client began to count its timeout too late.
    return takes_back() || now < send.due ? Fate::kLeave : Fate::kPossiblyDelivered;
  }
  const bool overdue = now >= send.due;
  const bool ends = closed_ || phase_ == Phase::kEnded || overdue;
  if (send.possibly_stored && (ends || !settings_.resend)) return Fate::kPossiblyDelivered;
  if (phase_ == Phase::kEnded) return Fate::kClientFailed;
  if (closed_) return Fate::kStopped;
  if (overdue) return Fate::kTimedOut;
  return phase_ == Phase::kSendingAgain ? Fate::kSendAgain : Fate::kLeave;
}

}  // namespace conveyor::kafka
