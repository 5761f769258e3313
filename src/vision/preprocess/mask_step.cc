#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>
#include <type_traits>

#include "conveyor/error.h"
#include "conveyor/vision/steps.h"
#include "vision/image/buffers.h"
#include "vision/image/connected_components.h"
#include "vision/image/histogram.h"
#include "vision/image/mask_runs.h"
#include "vision/image/morphological_closing.h"
#include "vision/image/pixel_type.h"
#include "vision/preprocess/step_checks.h"

namespace conveyor::vision {
namespace {

constexpr int kFloatLevels = 4096;

/// The levels on which Otsu's threshold is searched: the values themselves or, for floats, equal steps.
template <class T>
struct Levels {
  Histogram::Key operator()(T value) const { return value; }
  [[nodiscard]] bool above(T value, int level) const { return value > level; }
};
template <>
struct Levels<float> {
  float least = 0;
  float steps = 0;  ///< for each unit of value
  Histogram::Key operator()(float value) const {
    return static_cast<Histogram::Key>(std::min(static_cast<int>((value - least) * steps), kFloatLevels - 1));
  }
  /// Whether the level of a value is above `level`, which is below the highest. It needs no rounding, which would cost
  /// more than the comparison.
  [[nodiscard]] bool above(float value, int level) const {
    return (value - least) * steps >= static_cast<float>(level + 1);
  }
};

template <class T>
Levels<T> levels_of(const cv::Mat& pixels, const cv::Mat& mask) {
  if constexpr (std::is_same_v<T, float>) {
    // Several partial results side by side, which compilers vectorise.
    constexpr int kLanes = 8;
    std::array<float, kLanes> least, greatest, not_finite{};
    least.fill(INFINITY);
    greatest.fill(-INFINITY);
    const auto take = [&](std::size_t lane, float value) {
      least[lane] = value < least[lane] ? value : least[lane];
      greatest[lane] = value > greatest[lane] ? value : greatest[lane];
      not_finite[lane] += value * 0;  // NaN for a value that is infinite or NaN
    };
    bool any = false;
    for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
      const float* row = pixels.ptr<float>(y);
      any = true;
      int x = begin;
      for (; x + kLanes <= end; x += kLanes) {
        for (int lane = 0; lane < kLanes; ++lane) take(static_cast<std::size_t>(lane), row[x + lane]);
      }
      for (; x < end; ++x) take(0, row[x]);
    });
    if (!any) throw_nothing_inside();
    const float lowest = *std::min_element(least.begin(), least.end());
    const float range = *std::max_element(greatest.begin(), greatest.end()) - lowest;
    const bool finite = std::all_of(not_finite.begin(), not_finite.end(), [](float sum) { return sum == 0; });
    if (!finite || !std::isfinite(range)) throw_not_finite();
    const float steps = kFloatLevels / range;
    return {lowest, std::isfinite(steps) ? steps : 0};
  } else {
    return {};
  }
}

/// 255 where a pixel inside is above the threshold, 0 elsewhere.
template <class T>
void threshold(const cv::Mat& pixels, const cv::Mat& mask, cv::Mat& bright) {
  thread_local Histogram histogram;
  histogram.clear();
  const Levels<T> level = levels_of<T>(pixels, mask);
  for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
    const T* row = pixels.ptr<T>(y);
    histogram.add(row + begin, row + end, level);
  });
  if (histogram.total() == 0) throw_nothing_inside();
  if (histogram.lowest() == histogram.highest()) {
    throw DecodeError("all pixels inside have the same value, so that no threshold parts them");
  }
  const int highest_dark = histogram.otsu();
  fill(bright, 0);
  for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
    const T* row = pixels.ptr<T>(y);
    unsigned char* to = bright.ptr(y);
    for (int x = begin; x < end; ++x) to[x] = level.above(row[x], highest_dark) ? 255 : 0;
  });
}

class Mask final : public PreprocessStep {
 public:
  explicit Mask(int radius) : radius_(radius) { check_range("mask", "radius", radius, 0, 64); }

  void apply(const Sample& in, Sample& out) const override {
    check_one_channel(in.pixels);
    copy(in.pixels, out.pixels);
    out.range = range_of(in);
    fit(out.mask, in.pixels.size(), CV_8UC1);
    with_pixel_type(in.pixels.depth(), [&]<class T>(T) { threshold<T>(in.pixels, in.mask, out.mask); });
    close(out.mask, radius_);
    keep_largest_component(out.mask);
    if (in.mask.empty()) return;
    bool any = false;
    for (int y = 0; y < out.mask.rows; ++y) {
      const unsigned char* inside = in.mask.ptr(y);
      unsigned char* to = out.mask.ptr(y);
      for (int x = 0; x < out.mask.cols; ++x) to[x] = inside[x] != 0 ? to[x] : 0;
      any = any || find_nonzero(to, 0, out.mask.cols) < out.mask.cols;
    }
    if (!any) throw DecodeError("what it found lies outside of the mask that an earlier step made");
  }
  std::string text() const override {
    return radius_ == kDefault ? "mask" : step_text("mask", {static_cast<double>(radius_)});
  }

 private:
  static constexpr int kDefault = 2;
  int radius_;
};

}  // namespace

StepPtr mask(int radius) { return std::make_shared<Mask>(radius); }

}  // namespace conveyor::vision
