#include "consume/poison_policy.h"

#include <algorithm>

namespace conveyor::worker {
namespace {

constexpr int kMostDeathsToWaitFor = 6;

}  // namespace

void PoisonPolicy::remove(const PartitionAttempts& attempts) noexcept {
  std::erase(all_, &attempts);
  if (all_.empty()) names_ = false;
  idle(attempts);
}

void PoisonPolicy::idle(const PartitionAttempts& attempts) noexcept {
  if (prober_ != &attempts) return;
  prober_ = nullptr;
  waits_until_.reset();
}

bool PoisonPolicy::named_but(const PartitionAttempts* one) const noexcept {
  return names_ &&
         std::ranges::any_of(all_, [&](const PartitionAttempts* each) { return each != one && each->named(); });
}

PoisonPolicy::Verdict PoisonPolicy::live_on(PartitionAttempts& attempts, std::int64_t offset, Clock::time_point now) {
  const int deaths = std::min(attempts.deaths_to_wait_for(offset), kMostDeathsToWaitFor);
  if (deaths == 0 || probation_.count() == 0) return Verdict::kGo;
  attempts.wait();
  if (!attempts.waits() || named_but(&attempts)) return Verdict::kCommit;
  if (!waits_until_) waits_until_ = now + deaths * probation_;
  if (now < *waits_until_) return Verdict::kWait;
  waits_until_.reset();
  attempts.waited_for(offset);
  return Verdict::kGo;
}

PoisonPolicy::Verdict PoisonPolicy::may_begin(PartitionAttempts& attempts, std::int64_t offset, std::int64_t base,
                                              std::size_t in_flight, Clock::time_point now) {
  if (attempts.suspects(offset, base)) {
    if (prober_ != nullptr && prober_ != &attempts) return Verdict::kWait;
    prober_ = &attempts;
    if (in_flight > 0) return Verdict::kWait;
    if (const Verdict verdict = live_on(attempts, offset, now); verdict != Verdict::kGo) return verdict;
    attempts.name(offset);
    names_ = true;
    // The stored metadata must name this record alone. If another partition's metadata still named a record that is
    // finished, that record would be suspected too.
    if (attempts.named() != offset || named_but(&attempts)) return Verdict::kCommit;
    return attempts.must_condemn(offset) ? Verdict::kCondemn : Verdict::kGo;
  }
  idle(attempts);
  if (prober_ != nullptr) return Verdict::kWait;
  if (named_but(nullptr) || !attempts.leased(offset)) return Verdict::kCommit;
  return Verdict::kGo;
}

}  // namespace conveyor::worker
