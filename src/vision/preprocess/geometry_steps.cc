#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/steps.h"
#include "vision/image/buffers.h"
#include "vision/image/image_shape.h"
#include "vision/image/mask_runs.h"
#include "vision/image/resample.h"
#include "vision/preprocess/step_checks.h"

// Steps that move pixels: which pixel of the source one comes from changes.

namespace conveyor::vision {
namespace {

void check_size(std::string_view step, int width, int height) {
  if (auto wrong = wrong_dimensions(width, height); !wrong.empty()) {
    throw Error(errc::invalid_config, fmt::format("preprocess step {}: {}", step, wrong));
  }
}

/// The smallest rectangle that holds all pixels inside.
cv::Rect bounds(cv::Size size, const cv::Mat& mask) {
  int left = size.width, right = 0, top = size.height, bottom = 0;
  for_each_run(size, mask, [&](int y, int begin, int end) {
    left = std::min(left, begin);
    right = std::max(right, end);
    top = std::min(top, y);
    bottom = y + 1;
  });
  if (left >= right) throw_nothing_inside();
  return {left, top, right - left, bottom - top};
}

/// Fills `out` with the part of `in`, in memory with room for `room` pixels.
void cut(const Sample& in, const cv::Rect& part, cv::Size room, Sample& out) {
  fit(out.pixels, room, in.pixels.type());
  copy(in.pixels(part), out.pixels);
  if (in.mask.empty()) {
    out.mask.release();
  } else {
    fit(out.mask, room, CV_8UC1);
    copy(in.mask(part), out.mask);
  }
  out.range = range_of(in);
  out.to_source = compose(in.to_source, cv::Matx23d(1, 0, part.x, 0, 1, part.y));
}

/// Lanczos' filter leaves the range of its pixels where they change much.
void keep_levels(cv::Mat& pixels, const PixelRange& range, Interpolation interpolation) {
  if (interpolation != Interpolation::kLanczos || range.kind != PixelRange::Kind::kLevels) return;
  cv::Mat samples = pixels.reshape(1);
  cv::max(samples, 0.0, samples);
  cv::min(samples, range.white, samples);
}

/// Fills `out` with `in`, resized to `size`.
void resize_to(const Sample& in, cv::Size size, Interpolation interpolation, Sample& out) {
  fit(out.pixels, size, in.pixels.type());
  resample(in.pixels, out.pixels, interpolation);
  if (in.mask.empty()) {
    out.mask.release();
  } else {
    fit(out.mask, size, CV_8UC1);
    resample_mask(in.mask, out.mask);
  }
  const cv::Matx23d back(static_cast<double>(in.pixels.cols) / size.width, 0, 0,  //
                         0, static_cast<double>(in.pixels.rows) / size.height, 0);
  out.range = range_of(in);
  keep_levels(out.pixels, out.range, interpolation);
  out.to_source = compose(in.to_source, back);
}

/// The text of a step that resizes: the numbers, and the interpolation where it is not the usual one.
std::string resizing_text(std::string_view name, std::initializer_list<double> numbers, Interpolation interpolation) {
  std::string text = step_text(name, numbers);
  if (interpolation == Interpolation::kLinear) text.insert(text.size() - 1, ",linear");
  if (interpolation == Interpolation::kLanczos) text.insert(text.size() - 1, ",lanczos");
  return text;
}

class Crop final : public PreprocessStep {
 public:
  explicit Crop(int margin) : margin_(margin) { check_range("crop", "margin", margin, 0, kMaxImageSide); }

  void apply(const Sample& in, Sample& out) const override {
    const cv::Size size = in.pixels.size();
    const cv::Rect inner = bounds(size, in.mask);
    const cv::Point corner(std::max(0, inner.x - margin_), std::max(0, inner.y - margin_));
    const cv::Rect part(
        corner, cv::Point(std::min(size.width, inner.br().x + margin_), std::min(size.height, inner.br().y + margin_)));
    cut(in, part, size, out);  // room for the whole image: a larger crop of the next image allocates nothing
  }
  std::string text() const override {
    return margin_ == 0 ? "crop" : step_text("crop", {static_cast<double>(margin_)});
  }

 private:
  int margin_;
};

class CropCenter final : public PreprocessStep {
 public:
  CropCenter(int width, int height, Rounding rounding) : size_(width, height), rounding_(rounding) {
    check_size("crop_center", width, height);
  }

  void apply(const Sample& in, Sample& out) const override {
    const cv::Size size = in.pixels.size();
    if (size.width < size_.width || size.height < size_.height) {
      throw DecodeError("it is smaller than what is to be cut out; resize_shortest before this step makes it larger");
    }
    const auto border = [&](int left_over) {
      return rounding_ == Rounding::kDown ? left_over / 2 : static_cast<int>(std::lrint(left_over / 2.0));
    };
    const cv::Point corner(border(size.width - size_.width), border(size.height - size_.height));
    cut(in, cv::Rect(corner, size_), size_, out);
  }
  std::string text() const override {
    return fmt::format("crop_center({},{}{})", size_.width, size_.height, rounding_ == Rounding::kDown ? ",floor" : "");
  }

 private:
  cv::Size size_;
  Rounding rounding_;
};

class Resize final : public PreprocessStep {
 public:
  Resize(int width, int height, Interpolation interpolation) : size_(width, height), interpolation_(interpolation) {
    check_size("resize", width, height);
  }

  void apply(const Sample& in, Sample& out) const override { resize_to(in, size_, interpolation_, out); }
  std::string text() const override {
    const double width = size_.width, height = size_.height;
    return resizing_text("resize", {width, height}, interpolation_);
  }

 private:
  cv::Size size_;
  Interpolation interpolation_;
};

class ResizeShortest final : public PreprocessStep {
 public:
  ResizeShortest(int side, Interpolation interpolation, Rounding rounding)
      : side_(side), interpolation_(interpolation), rounding_(rounding) {
    check_range("resize_shortest", "side", side, 1, kMaxImageSide);
  }

  void apply(const Sample& in, Sample& out) const override {
    const std::int64_t shortest = std::min(in.pixels.cols, in.pixels.rows);
    const auto side = [&](int of) {
      const std::int64_t wanted = std::int64_t{of} * side_;
      if (rounding_ == Rounding::kDown) return wanted / shortest;
      return std::int64_t{std::llrint(static_cast<double>(wanted) / static_cast<double>(shortest))};
    };
    const std::int64_t width = side(in.pixels.cols), height = side(in.pixels.rows);
    if (auto wrong = wrong_dimensions(width, height); !wrong.empty()) throw DecodeError(wrong);
    resize_to(in, {static_cast<int>(width), static_cast<int>(height)}, interpolation_, out);
  }
  std::string text() const override {
    if (rounding_ == Rounding::kDown) return resizing_text("resize_shortest", {1.0 * side_}, interpolation_);
    constexpr std::array kWords{"area", "linear", "lanczos"};
    return fmt::format("resize_shortest({},{},round)", side_, kWords.at(static_cast<std::size_t>(interpolation_)));
  }

 private:
  int side_;
  Interpolation interpolation_;
  Rounding rounding_;
};

class Letterbox final : public PreprocessStep {
 public:
  Letterbox(int width, int height, double fill, Interpolation interpolation)
      : size_(width, height), fill_(fill), interpolation_(interpolation) {
    check_size("letterbox", width, height);
    check_finite("letterbox", {fill});
  }

  void apply(const Sample& in, Sample& out) const override {
    const double factor =
        std::min(static_cast<double>(size_.width) / in.pixels.cols, static_cast<double>(size_.height) / in.pixels.rows);
    // Halves are rounded to even, as Python's round() does it: networks are trained and exported with that.
    const cv::Size inner(std::clamp(static_cast<int>(std::lrint(in.pixels.cols * factor)), 1, size_.width),
                         std::clamp(static_cast<int>(std::lrint(in.pixels.rows * factor)), 1, size_.height));
    const cv::Rect place(cv::Point((size_.width - inner.width) / 2, (size_.height - inner.height) / 2), inner);
    fit(out.pixels, size_, in.pixels.type());
    fill(out.pixels, fill_);
    cv::Mat middle = out.pixels(place);
    resample(in.pixels, middle, interpolation_);
    if (in.mask.empty()) {
      out.mask.release();
    } else {
      fit(out.mask, size_, CV_8UC1);
      fill(out.mask, 0);
      cv::Mat middle_mask = out.mask(place);
      resample_mask(in.mask, middle_mask);
    }
    // The inner size is rounded, so that each side has its own factor.
    const double fx = static_cast<double>(in.pixels.cols) / inner.width;
    const double fy = static_cast<double>(in.pixels.rows) / inner.height;
    out.range = range_of(in);
    keep_levels(out.pixels, out.range, interpolation_);
    if (is_fill_of_unknown_depth(out.range)) out.range = PixelRange::unknown();
    out.to_source = compose(in.to_source, cv::Matx23d(fx, 0, -fx * place.x, 0, fy, -fy * place.y));
  }
  std::string text() const override {
    const double width = size_.width, height = size_.height;
    if (fill_ == 0 && interpolation_ == Interpolation::kArea) return step_text("letterbox", {width, height});
    return resizing_text("letterbox", {width, height, fill_}, interpolation_);
  }

 private:
  /// Whether the fill may be meant for 8 bit: the usual 114 is gray there, and nearly black in a picture of 16 bit.
  bool is_fill_of_unknown_depth(const PixelRange& range) const {
    if (fill_ <= 0 || range.kind != PixelRange::Kind::kLevels || range.white == 255) return false;
    return range.white > 255 ? fill_ <= 255 : fill_ > range.white;
  }

  cv::Size size_;
  double fill_;
  Interpolation interpolation_;
};

}  // namespace

StepPtr crop(int margin) { return std::make_shared<Crop>(margin); }
StepPtr crop_center(int width, int height, Rounding rounding) {
  return std::make_shared<CropCenter>(width, height, rounding);
}
StepPtr resize(int width, int height, Interpolation interpolation) {
  return std::make_shared<Resize>(width, height, interpolation);
}
StepPtr resize_shortest(int side, Interpolation interpolation, Rounding rounding) {
  return std::make_shared<ResizeShortest>(side, interpolation, rounding);
}
StepPtr letterbox(int width, int height, double fill, Interpolation interpolation) {
  return std::make_shared<Letterbox>(width, height, fill, interpolation);
}

}  // namespace conveyor::vision
