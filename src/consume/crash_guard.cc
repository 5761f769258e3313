#include "consume/crash_guard.h"

#include <algorithm>

namespace conveyor::worker {
namespace {

constexpr int kMostDeathsToWaitFor = 6;

}  // namespace

void CrashGuard::remove(const CrashMarks& marks) noexcept {
  std::erase(all_, &marks);
  if (all_.empty()) names_ = false;
  idle(marks);
}

void CrashGuard::idle(const CrashMarks& marks) noexcept {
  if (prober_ != &marks) return;
  prober_ = nullptr;
  waits_until_.reset();
}

bool CrashGuard::named_but(const CrashMarks* one) const noexcept {
  return names_ && std::ranges::any_of(all_, [&](const CrashMarks* each) { return each != one && each->named(); });
}

CrashGuard::Verdict CrashGuard::live_on(CrashMarks& marks, std::int64_t offset, Clock::time_point now) {
  const int deaths = std::min(marks.deaths_to_wait_for(offset), kMostDeathsToWaitFor);
  if (deaths == 0 || probation_.count() == 0) return Verdict::kGo;
  marks.wait();
  if (!marks.waits() || named_but(&marks)) return Verdict::kCommit;
  if (!waits_until_) waits_until_ = now + deaths * probation_;
  if (now < *waits_until_) return Verdict::kWait;
  waits_until_.reset();
  marks.waited_for(offset);
  return Verdict::kGo;
}

CrashGuard::Verdict CrashGuard::may_begin(CrashMarks& marks, std::int64_t offset, std::int64_t base,
                                          std::size_t in_flight, Clock::time_point now) {
  if (marks.suspects(offset, base)) {
    if (prober_ != nullptr && prober_ != &marks) return Verdict::kWait;
    prober_ = &marks;
    if (in_flight > 0) return Verdict::kWait;
    if (const Verdict verdict = live_on(marks, offset, now); verdict != Verdict::kGo) return verdict;
    marks.mark(offset);
    names_ = true;
    // A name that stands for a finished record of another partition would be blamed too.
    if (marks.named() != offset || named_but(&marks)) return Verdict::kCommit;
    return marks.convicts(offset) ? Verdict::kConvict : Verdict::kGo;
  }
  idle(marks);
  if (prober_ != nullptr) return Verdict::kWait;
  if (named_but(nullptr) || !marks.leased(offset)) return Verdict::kCommit;
  return Verdict::kGo;
}

}  // namespace conveyor::worker
