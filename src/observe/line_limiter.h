#ifndef CONVEYOR_SRC_OBSERVE_LINE_LIMITER_H_
#define CONVEYOR_SRC_OBSERVE_LINE_LIMITER_H_

#include <chrono>
#include <cstdint>

namespace conveyor::detail {

/// Bounds how many lines of one source reach a log: somebody else's records may cause one each.
///
/// Within each period only the first few lines pass. The first that is left out is replaced by a line that says so, and
/// the next period begins with how many it were.
class LineLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint64_t kLinesInAPeriod = 10;
  static constexpr std::chrono::seconds kPeriod{60};

  struct Verdict {
    bool passes = false;
    bool first_left_out = false;        ///< say that lines are left out from now on
    std::uint64_t left_out_before = 0;  ///< say so first: so many of the period before were left out
  };

  /// Of a line that comes at `now`, which never goes back.
  [[nodiscard]] Verdict line(Clock::time_point now) noexcept {
    Verdict verdict;
    if (lines_ == 0 || now - begin_ >= kPeriod) {
      begin_ = now;
      verdict.left_out_before = lines_ > kLinesInAPeriod ? lines_ - kLinesInAPeriod : 0;
      lines_ = 0;
    }
    ++lines_;
    verdict.passes = lines_ <= kLinesInAPeriod;
    verdict.first_left_out = lines_ == kLinesInAPeriod + 1;
    return verdict;
  }

 private:
  Clock::time_point begin_ = {};
  std::uint64_t lines_ = 0;  // of the period, those left out included
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_OBSERVE_LINE_LIMITER_H_
