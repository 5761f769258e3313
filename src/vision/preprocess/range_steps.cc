#include <fmt/format.h>

#include <algorithm>
#include <opencv2/core.hpp>

#include "conveyor/error.h"
#include "conveyor/vision/steps.h"
#include "vision/image/buffers.h"
#include "vision/image/image_shape.h"
#include "vision/image/pixel_type.h"
#include "vision/image/white_level.h"
#include "vision/preprocess/step_checks.h"

// Steps that set which range the values of pixels have.

namespace conveyor::vision {
namespace {

using Kind = PixelRange::Kind;

class Rescale final : public PreprocessStep {
 public:
  Rescale(double factor, double offset) : factor_(factor), offset_(offset) {
    check_finite("rescale", {factor, offset});
  }

  void apply(const Sample& in, Sample& out) const override {
    fit(out.pixels, in.pixels.size(), CV_32FC(in.pixels.channels()));
    in.pixels.convertTo(out.pixels, CV_32F, factor_ * in.slope, factor_ * in.intercept + offset_);
    out.mask = in.mask;
    out.slope = 1;
    out.intercept = 0;
    const double white = white_of_factor(factor_);
    out.range = are_numbers_for(white, range_of(in))
                    ? rescaled(range_of(in), factor_ * in.slope, factor_ * in.intercept + offset_)
                    : PixelRange::mismatched(white);
  }
  std::string text() const override {
    return factor_ == 1 && offset_ == 0 ? "rescale" : step_text("rescale", {factor_, offset_});
  }

 private:
  static PixelRange rescaled(PixelRange range, double factor, double offset) {
    const bool bounded = range.kind == Kind::kLevels || range.kind == Kind::kRescaled || range.kind == Kind::kPhysical;
    if (!bounded || (factor == 1 && offset == 0)) return range;
    range.black = factor * range.black + offset;
    range.white = factor * range.white + offset;
    if (range.kind == Kind::kLevels) range.kind = Kind::kRescaled;
    return range;
  }

  double factor_, offset_;
};

class Levels final : public PreprocessStep {
 public:
  explicit Levels(double white) : white_(white) {
    check_finite("levels", {white});
    if (!(white > 0)) {
      throw Error(errc::invalid_config, fmt::format("preprocess step levels: white must be above 0, not {}", white));
    }
  }

  void apply(const Sample& in, Sample& out) const override {
    fit(out.pixels, in.pixels.size(), in.pixels.type());
    const int width = in.pixels.cols * in.pixels.channels();
    with_pixel_type(in.pixels.depth(), [&]<class T>(T black) {
      const auto white = cv::saturate_cast<T>(white_);
      for (int y = 0; y < in.pixels.rows; ++y) {
        const T* from = in.pixels.ptr<T>(y);
        T* to = out.pixels.ptr<T>(y);
        for (int x = 0; x < width; ++x) to[x] = std::min(std::max(from[x], black), white);
      }
    });
    out.mask = in.mask;
    out.range = PixelRange::levels(white_);
  }
  std::string text() const override { return step_text("levels", {white_}); }

 private:
  double white_;
};

class Depth final : public PreprocessStep {
 public:
  explicit Depth(int bits) {
    if (bits != 8) {
      throw Error(errc::invalid_config, fmt::format("preprocess step depth: it makes 8 bit, not {}", bits));
    }
  }

  void apply(const Sample& in, Sample& out) const override {
    const PixelRange range = range_of(in);
    const bool brightness = range.kind == Kind::kLevels || range.kind == Kind::kRescaled;
    const double span = range.white - range.black;
    if (!brightness || !(span > 0)) {
      throw DecodeError(
          fmt::format("it takes brightness from black to white, not {}; levels(WHITE) before it says "
                      "which value is white",
                      describe(range)));
    }
    fit(out.pixels, in.pixels.size(), CV_8UC(in.pixels.channels()));
    in.pixels.convertTo(out.pixels, CV_8U, 255 / span, -255 / span * range.black);
    out.mask = in.mask;
    out.slope = 1;
    out.intercept = 0;
    out.range = PixelRange::levels(255);
  }
  std::string text() const override { return "depth(8)"; }
};

}  // namespace

StepPtr rescale(double factor, double offset) { return std::make_shared<Rescale>(factor, offset); }
StepPtr levels(double white) { return std::make_shared<Levels>(white); }
StepPtr depth(int bits) { return std::make_shared<Depth>(bits); }

}  // namespace conveyor::vision
