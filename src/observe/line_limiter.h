#ifndef CONVEYOR_SRC_OBSERVE_LINE_LIMITER_H_
#define CONVEYOR_SRC_OBSERVE_LINE_LIMITER_H_

#include <chrono>
#include <cstdint>

namespace conveyor::detail {

/// Bounds how many lines of one source reach a log, because each record from outside may cause one.
///
/// Within each period only the first few lines pass. The first dropped line is replaced by a line that says so. The
/// next period begins with the number of lines that were dropped.
class LineLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::uint64_t kLinesInAPeriod = 10;
  static constexpr std::chrono::seconds kPeriod{60};

  struct Verdict {
    bool passes = false;
    bool first_left_out = false;        ///< log that lines are dropped from now on
    std::uint64_t left_out_before = 0;  ///< first log that the previous period dropped this many
  };

  /// Decides about a line that comes at `now`; `now` never goes back.
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
  std::uint64_t lines_ = 0;  // in this period, with the dropped ones
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_OBSERVE_LINE_LIMITER_H_
