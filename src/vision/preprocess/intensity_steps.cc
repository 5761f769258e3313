#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <type_traits>

#include "conveyor/error.h"
#include "conveyor/vision/steps.h"
#include "vision/image/bias_field.h"
#include "vision/image/buffers.h"
#include "vision/image/mask_runs.h"
#include "vision/image/moments.h"
#include "vision/image/percentiles.h"
#include "vision/image/pixel_type.h"
#include "vision/image/white_level.h"
#include "vision/preprocess/step_checks.h"

// Steps that change the values of pixels, not their places.

namespace conveyor::vision {
namespace {

class Bias final : public PreprocessStep {
 public:
  explicit Bias(double part) : part_(part) { check_range("bias", "part", part, 0.05, 1); }

  void apply(const Sample& in, Sample& out) const override {
    check_one_channel(in.pixels);
    thread_local BiasField field;
    field.estimate(in.pixels, in.mask, part_ * std::max(in.pixels.cols, in.pixels.rows));
    if (!(field.mean() > 0)) {
      throw DecodeError(
          fmt::format("the mean inside is {}; a field can be divided out of values above 0", field.mean()));
    }
    fit(out.pixels, in.pixels.size(), CV_32FC1);
    in.pixels.convertTo(out.pixels, CV_32F);
    const auto least = static_cast<float>(field.mean() / 100);
    for_each_run(in.pixels.size(), in.mask, [&](int y, int begin, int end) {
      const float* divisors = field.row(y);
      float* row = out.pixels.ptr<float>(y);
      for (int x = begin; x < end; ++x) row[x] /= std::max(divisors[x], least);
    });
    const double mean = mean_inside(out.pixels, in.mask);
    const auto factor = static_cast<float>(field.mean() / mean);
    if (!(mean > 0) || !std::isfinite(factor)) throw DecodeError("too many values inside are below 0");
    for_each_run(in.pixels.size(), in.mask, [&](int y, int begin, int end) {
      float* row = out.pixels.ptr<float>(y);
      for (int x = begin; x < end; ++x) row[x] *= factor;
    });
    out.mask = in.mask;
    out.range = range_of(in);
  }
  std::string text() const override { return part_ == kDefault ? "bias" : step_text("bias", {part_}); }

 private:
  static constexpr double kDefault = 0.2;
  double part_;
};

class Clip final : public PreprocessStep {
 public:
  Clip(double low, double high) : low_(low), high_(high) {
    check_range("clip", "low percentile", low, 0, 100);
    check_range("clip", "high percentile", high, 0, 100);
    if (low >= high) {
      throw Error(
          errc::invalid_config,
          fmt::format("preprocess step clip: its low percentile, {}, is not below its high one, {}", low, high));
    }
  }

  void apply(const Sample& in, Sample& out) const override {
    check_one_channel(in.pixels);
    const Limits limits = percentiles(in.pixels, in.mask, low_, high_);
    fit(out.pixels, in.pixels.size(), in.pixels.type());
    with_pixel_type(in.pixels.depth(), [&]<class T>(T) {
      const auto low = cv::saturate_cast<T>(limits.low), high = cv::saturate_cast<T>(limits.high);
      for (int y = 0; y < in.pixels.rows; ++y) {
        const T* from = in.pixels.ptr<T>(y);
        T* to = out.pixels.ptr<T>(y);
        for (int x = 0; x < in.pixels.cols; ++x) to[x] = std::min(std::max(from[x], low), high);
      }
    });
    out.mask = in.mask;
    out.range = range_of(in);
  }
  std::string text() const override { return step_text("clip", {low_, high_}); }

 private:
  double low_, high_;
};

class ZScore final : public PreprocessStep {
 public:
  void apply(const Sample& in, Sample& out) const override {
    check_one_channel(in.pixels);
    const Moments moments = moments_inside(in.pixels, in.mask);
    fit(out.pixels, in.pixels.size(), CV_32FC1);
    if (!in.mask.empty()) fill(out.pixels, 0);
    const double factor = moments.deviation > 0 ? 1 / moments.deviation : 0;
    with_pixel_type(in.pixels.depth(), [&]<class T>(T) {
      for_each_run(in.pixels.size(), in.mask, [&](int y, int begin, int end) {
        const T* from = in.pixels.ptr<T>(y);
        float* to = out.pixels.ptr<float>(y);
        for (int x = begin; x < end; ++x) {
          to[x] = static_cast<float>((static_cast<double>(from[x]) - moments.mean) * factor);
        }
      });
    });
    out.mask = in.mask;
    out.range = PixelRange::normalized();
  }
  std::string text() const override { return "zscore"; }
};

class Normalize final : public PreprocessStep {
 public:
  Normalize(const std::array<double, 3>& mean, const std::array<double, 3>& deviation, bool each)
      : mean_(mean), deviation_(deviation), each_(each) {
    check_finite("normalize", {mean[0], mean[1], mean[2], deviation[0], deviation[1], deviation[2]});
    for (const double one : deviation) {
      if (!(one > 0)) {
        throw Error(errc::invalid_config,
                    fmt::format("preprocess step normalize: its deviation must be above 0, not {}", one));
      }
    }
  }

  void apply(const Sample& in, Sample& out) const override {
    const int channels = in.pixels.channels();
    if (each_ && channels != 3) throw DecodeError("it has numbers for 3 channels");
    fit(out.pixels, in.pixels.size(), CV_32FC(channels));
    in.pixels.convertTo(out.pixels, CV_32F);
    std::array<float, 3> factors, offsets;
    for (std::size_t c = 0; c < 3; ++c) {
      factors[c] = static_cast<float>(1 / deviation_[c]);
      offsets[c] = static_cast<float>(-mean_[c] / deviation_[c]);
    }
    for (int y = 0; y < out.pixels.rows; ++y) {
      float* row = out.pixels.ptr<float>(y);
      float* const end = row + std::ptrdiff_t{out.pixels.cols} * channels;
      if (each_) {
        for (; row != end; row += 3) {
          for (std::size_t c = 0; c < 3; ++c) row[c] = row[c] * factors[c] + offsets[c];
        }
      } else {
        for (; row != end; ++row) *row = *row * factors[0] + offsets[0];
      }
    }
    out.mask = in.mask;
    const PixelRange range = range_of(in);
    const double white = white_of_mean(mean_, deviation_, each_);
    out.range = range.kind == PixelRange::Kind::kMismatched ? range
                : are_numbers_for(white, range)             ? PixelRange::normalized()
                                                            : PixelRange::mismatched(white);
  }
  std::string text() const override {
    return each_ ? step_text("normalize", {mean_[0], mean_[1], mean_[2], deviation_[0], deviation_[1], deviation_[2]})
                 : step_text("normalize", {mean_[0], deviation_[0]});
  }

 private:
  std::array<double, 3> mean_, deviation_;
  bool each_;
};

class Median final : public PreprocessStep {
 public:
  explicit Median(int size) : size_(size) {
    if (size != 3 && size != 5) {
      throw Error(errc::invalid_config, fmt::format("preprocess step median: its size must be 3 or 5, not {}", size));
    }
  }

  void apply(const Sample& in, Sample& out) const override {
    with_pixel_type(in.pixels.depth(), [](auto) {});
    fit(out.pixels, in.pixels.size(), in.pixels.type());
    cv::medianBlur(in.pixels, out.pixels, size_);
    out.mask = in.mask;
    out.range = range_of(in);
  }
  std::string text() const override { return step_text("median", {static_cast<double>(size_)}); }

 private:
  int size_;
};

}  // namespace

StepPtr bias(double part) { return std::make_shared<Bias>(part); }
StepPtr clip(double low, double high) { return std::make_shared<Clip>(low, high); }
StepPtr zscore() { return std::make_shared<ZScore>(); }
StepPtr normalize(double mean, double deviation) {
  return std::make_shared<Normalize>(std::array{mean, mean, mean}, std::array{deviation, deviation, deviation}, false);
}
StepPtr normalize(const std::array<double, 3>& mean, const std::array<double, 3>& deviation) {
  return std::make_shared<Normalize>(mean, deviation, true);
}
StepPtr median(int size) { return std::make_shared<Median>(size); }

}  // namespace conveyor::vision
