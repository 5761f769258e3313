#include "worker/crash_guard.h"

#include <algorithm>

namespace conveyor::worker {

void CrashGuard::remove(const CrashMarks& marks) noexcept {
  std::erase(all_, &marks);
  if (all_.empty()) names_ = false;
  idle(marks);
}

void CrashGuard::idle(const CrashMarks& marks) noexcept {
  if (prober_ == &marks) prober_ = nullptr;
}

bool CrashGuard::named_but(const CrashMarks* one) const noexcept {
  return names_ && std::ranges::any_of(all_, [&](const CrashMarks* each) { return each != one && each->named(); });
}

CrashGuard::Verdict CrashGuard::may_begin(CrashMarks& marks, std::int64_t offset, std::int64_t base,
                                          std::size_t in_flight) {
  if (marks.suspects(offset, base)) {
    if (prober_ != nullptr && prober_ != &marks) return Verdict::kWait;
    prober_ = &marks;
    if (in_flight > 0) return Verdict::kWait;
    if (marks.convicts(offset)) return Verdict::kConvict;
    marks.mark(offset);
    names_ = true;
    // A name that stands for a finished record of another partition would be blamed too.
    return marks.named() == offset && !named_but(&marks) ? Verdict::kGo : Verdict::kCommit;
  }
  idle(marks);
  if (prober_ != nullptr) return Verdict::kWait;
  if (named_but(nullptr) || !marks.leased(offset)) return Verdict::kCommit;
  return Verdict::kGo;
}

}  // namespace conveyor::worker
