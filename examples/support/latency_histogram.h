#ifndef SUPPORT_LATENCY_HISTOGRAM_H_
#define SUPPORT_LATENCY_HISTOGRAM_H_

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace support {

/// How long things took, in steps of one millisecond up to ten seconds; the last step counts all that took longer. Its
/// size is fixed, so that a program may run for months.
///
/// Thread safety: as a standard container.
class LatencyHistogram {
 public:
  /// @param time a negative one counts as 0: clocks may step
  void add(std::chrono::microseconds time) {
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
    ++counts_[static_cast<std::size_t>(std::clamp<std::int64_t>(milliseconds, 0, kSteps - 1))];
    ++count_;
  }

  /// The time that a part of all things took at most, by the nearest rank: the upper end of its step. 0 when nothing was
  /// added.
  /// @param part from 0 to 1; 0.5 is the median
  [[nodiscard]] double quantile_ms(double part) const {
    const auto rank = std::max<std::int64_t>(1, std::llround(std::ceil(part * static_cast<double>(count_))));
    std::int64_t before = 0;
    for (std::size_t step = 0; step < counts_.size(); ++step) {
      before += counts_[step];
      if (before >= rank) return static_cast<double>(step + 1);
    }
    return 0;
  }

  [[nodiscard]] std::int64_t count() const noexcept { return count_; }

 private:
  static constexpr std::int64_t kSteps = 10'001;
  std::vector<std::int64_t> counts_ = std::vector<std::int64_t>(kSteps);
  std::int64_t count_ = 0;
};

}  // namespace support

#endif  // SUPPORT_LATENCY_HISTOGRAM_H_
