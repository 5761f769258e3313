#include "vision/image/percentiles.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <vector>

#include "vision/image/histogram.h"
#include "vision/image/mask_runs.h"
#include "vision/image/pixel_type.h"

namespace conveyor::vision {
namespace {

// Maps floats to unsigned numbers of the same order. The bits of negative floats count downwards, so they are inverted.
constexpr std::uint32_t kSign = 0x80000000;
std::uint32_t ordered(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  return (bits & kSign) != 0 ? ~bits : bits | kSign;
}
float from_ordered(std::uint32_t key) { return std::bit_cast<float>((key & kSign) != 0 ? key & ~kSign : ~key); }
Histogram::Key upper(std::uint32_t key) { return static_cast<Histogram::Key>(key >> 16); }

struct Memory {
  Histogram histogram;
  std::vector<std::uint32_t> lower, higher;
};
Memory& memory() {
  thread_local Memory memory;
  return memory;
}

/// Where a percentile lies among n sorted values: between the value at `rank` and the next, at `part` of the distance.
struct Position {
  std::uint64_t rank = 0;
  std::uint64_t next = 0;
  double part = 0;
};
Position position(double percent, std::uint64_t n) {
  const double at = static_cast<double>(n - 1) * (percent / 100);  // rounded as NumPy does
  const double below = std::floor(at);
  const auto rank = static_cast<std::uint64_t>(below);
  return {rank, std::min(rank + 1, n - 1), at - below};
}

double between(double a, double b, double part) { return a + (b - a) * part; }

template <class T>
Limits of_integers(const cv::Mat& pixels, const cv::Mat& mask, double low, double high) {
  Histogram& histogram = memory().histogram;
  histogram.clear();
  for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
    const T* row = pixels.ptr<T>(y);
    histogram.add(row + begin, row + end, [](T value) { return Histogram::Key{value}; });
  });
  if (histogram.total() == 0) throw_nothing_inside();
  const auto percentile = [&](double percent) {
    const Position at = position(percent, histogram.total());
    return between(histogram.at_rank(at.rank).key, histogram.at_rank(at.next).key, at.part);
  };
  return {percentile(low), percentile(high)};
}

/// Finds the two values that a percentile lies between, among the few that share their upper bits.
class FloatPercentile {
 public:
  FloatPercentile(const Histogram& histogram, double percent, std::vector<std::uint32_t>& keys)
      : at_(position(percent, histogram.total())),
        first_(histogram.at_rank(at_.rank)),
        span_(histogram.at_rank(at_.next).key - first_.key),
        keys_(keys) {
    keys_.clear();
  }

  /// Reserves memory that suffices for any image of that many pixels.
  void reserve(std::size_t pixels) { keys_.reserve(pixels); }

  /// Takes all keys, in any order.
  void offer(std::uint32_t key) {
    // No key lies between the upper bits of the two values. Keys below wrap around to large numbers, and are skipped.
    if (static_cast<unsigned>(upper(key) - first_.key) <= static_cast<unsigned>(span_)) keys_.push_back(key);
  }

  [[nodiscard]] double value() {
    const double a = value_at(at_.rank);
    return between(a, value_at(at_.next), at_.part);
  }

 private:
  double value_at(std::uint64_t rank) {
    const auto nth = keys_.begin() + static_cast<std::ptrdiff_t>(rank - first_.below);
    std::nth_element(keys_.begin(), nth, keys_.end());
    return static_cast<double>(from_ordered(*nth));
  }

  Position at_;
  Histogram::Place first_;
  int span_;
  std::vector<std::uint32_t>& keys_;
};

Limits of_floats(const cv::Mat& pixels, const cv::Mat& mask, double low, double high) {
  Histogram& histogram = memory().histogram;
  histogram.clear();
  for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
    const float* row = pixels.ptr<float>(y);
    histogram.add(row + begin, row + end, [](float value) { return upper(ordered(value)); });
  });
  if (histogram.total() == 0) throw_nothing_inside();
  // Infinity and NaN order above the largest finite number.
  if (histogram.lowest() <= upper(ordered(-INFINITY)) || histogram.highest() >= upper(ordered(INFINITY))) {
    throw_not_finite();
  }
  FloatPercentile lower(histogram, low, memory().lower), higher(histogram, high, memory().higher);
  lower.reserve(pixels.total());
  higher.reserve(pixels.total());
  for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
    const float* row = pixels.ptr<float>(y);
    for (int x = begin; x < end; ++x) {
      const std::uint32_t key = ordered(row[x]);
      lower.offer(key);
      higher.offer(key);
    }
  });
  return {lower.value(), higher.value()};
}

}  // namespace

Limits percentiles(const cv::Mat& pixels, const cv::Mat& mask, double low, double high) {
  Limits limits;
  with_pixel_type(pixels.depth(), [&]<class T>(T) {
    if constexpr (std::is_same_v<T, float>) {
      limits = of_floats(pixels, mask, low, high);
    } else {
      limits = of_integers<T>(pixels, mask, low, high);
    }
  });
  return limits;
}

}  // namespace conveyor::vision
