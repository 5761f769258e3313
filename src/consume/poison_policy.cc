#include "consume/poison_policy.h"

#include <algorithm>

namespace conveyor::worker {
namespace {

constexpr int kMostDeathsToWaitFor = 6;

}  // namespace

void PoisonPolicy::remove(const PartitionLease& lease) noexcept {
  std::erase(all_, &lease);
  if (all_.empty()) names_ = false;
  idle(lease);
}

void PoisonPolicy::idle(const PartitionLease& lease) noexcept {
  if (prober_ != &lease) return;
  prober_ = nullptr;
  waits_until_.reset();
}

bool PoisonPolicy::named_but(const PartitionLease* one) const noexcept {
  return names_ && std::ranges::any_of(all_, [&](const PartitionLease* each) { return each != one && each->named(); });
}

PoisonPolicy::Verdict PoisonPolicy::live_on(PartitionLease& lease, std::int64_t offset, Clock::time_point now) {
  const int deaths = std::min(lease.deaths_to_wait_for(offset), kMostDeathsToWaitFor);
  if (deaths == 0 || probation_.count() == 0) return Verdict::kGo;
  lease.wait();
  if (!lease.waits() || named_but(&lease)) return Verdict::kCommit;
  if (!waits_until_) waits_until_ = now + deaths * probation_;
  if (now < *waits_until_) return Verdict::kWait;
  waits_until_.reset();
  lease.waited_for(offset);
  return Verdict::kGo;
}

PoisonPolicy::Verdict PoisonPolicy::may_begin(PartitionLease& lease, std::int64_t offset, std::int64_t base,
                                              std::size_t in_flight, Clock::time_point now) {
  if (lease.suspects(offset, base)) {
    if (prober_ != nullptr && prober_ != &lease) return Verdict::kWait;
    prober_ = &lease;
    if (in_flight > 0) return Verdict::kWait;
    if (const Verdict verdict = live_on(lease, offset, now); verdict != Verdict::kGo) return verdict;
    lease.name(offset);
    names_ = true;
    // The stored metadata must name this record alone. If another partition's metadata still named a record that is
    // finished, that record would be suspected too.
    if (lease.named() != offset || named_but(&lease)) return Verdict::kCommit;
    return lease.must_condemn(offset) ? Verdict::kCondemn : Verdict::kGo;
  }
  idle(lease);
  if (prober_ != nullptr) return Verdict::kWait;
  if (named_but(nullptr) || !lease.leased(offset)) return Verdict::kCommit;
  return Verdict::kGo;
}

}  // namespace conveyor::worker
