#include "vision/image/moments.h"

#include <array>
#include <cmath>
#include <cstdint>

#include "vision/image/mask_runs.h"
#include "vision/image/pixel_type.h"

namespace conveyor::vision {
namespace {

/// The sum of term(value), kept in several partial sums so that compilers can vectorise it.
template <class T, class Term>
double sum_of(const T* values, int count, Term term) {
  std::array<double, 8> sums{};
  int i = 0;
  for (; i + 8 <= count; i += 8) {
    for (int k = 0; k < 8; ++k) sums[static_cast<std::size_t>(k)] += term(static_cast<double>(values[i + k]));
  }
  for (; i < count; ++i) sums[0] += term(static_cast<double>(values[i]));
  double sum = 0;
  for (const double one : sums) sum += one;
  return sum;
}

template <class Term>
double mean_of(const cv::Mat& pixels, const cv::Mat& mask, Term term) {
  double sum = 0;
  std::int64_t count = 0;
  with_pixel_type(pixels.depth(), [&]<class T>(T) {
    for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
      sum += sum_of(pixels.ptr<T>(y) + begin, end - begin, term);
      count += end - begin;
    });
  });
  if (count == 0) throw_nothing_inside();
  const double mean = sum / static_cast<double>(count);
  if (!std::isfinite(mean)) throw_not_finite();
  return mean;
}

}  // namespace

double mean_inside(const cv::Mat& pixels, const cv::Mat& mask) {
  return mean_of(pixels, mask, [](double value) { return value; });
}

Moments moments_inside(const cv::Mat& pixels, const cv::Mat& mask) {
  const double mean = mean_inside(pixels, mask);
  const double variance = mean_of(pixels, mask, [mean](double value) { return (value - mean) * (value - mean); });
  return {mean, std::sqrt(variance)};
}

}  // namespace conveyor::vision
