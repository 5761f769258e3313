#include "conveyor/vision/steps.h"

#include <fmt/format.h>

#include <opencv2/imgproc.hpp>

#include "conveyor/error.h"
#include "vision/image/buffers.h"
#include "vision/image/image_shape.h"

namespace conveyor::vision {
namespace {

class ToColor final : public PreprocessStep {
 public:
  explicit ToColor(Color to) : to_(to) {}

  void apply(const Sample& in, Sample& out) const override {
    const int code = conversion(in.pixels.channels(), in.rgb);
    fit(out.pixels, in.pixels.size(), CV_MAKETYPE(in.pixels.depth(), to_ == Color::kGray ? 1 : 3));
    if (code < 0) {
      in.pixels.copyTo(out.pixels);
    } else {
      cv::cvtColor(in.pixels, out.pixels, code);
    }
    out.mask = in.mask;
    out.rgb = to_ == Color::kRgb;
    out.range = range_of(in);
  }
  std::string text() const override {
    return to_ == Color::kGray ? "color(gray)" : to_ == Color::kBgr ? "color(bgr)" : "color(rgb)";
  }

 private:
  /// OpenCV's code, or -1 where nothing is to be done.
  int conversion(int channels, bool rgb) const {
    if (channels != 1 && channels != 3 && channels != 4) throw DecodeError("1, 3 or 4 channels are needed");
    if (to_ == Color::kGray) {
      if (channels == 1) return -1;
      if (channels == 3) return rgb ? cv::COLOR_RGB2GRAY : cv::COLOR_BGR2GRAY;
      return rgb ? cv::COLOR_RGBA2GRAY : cv::COLOR_BGRA2GRAY;
    }
    if (channels == 1) return cv::COLOR_GRAY2BGR;
    const bool swap = rgb != (to_ == Color::kRgb);
    if (channels == 3) return swap ? cv::COLOR_BGR2RGB : -1;
    return swap ? cv::COLOR_BGRA2RGB : cv::COLOR_BGRA2BGR;
  }

  Color to_;
};

StepPtr color_from(const StepArguments& arguments) {
  const std::string& word = arguments.word(0);
  if (word == "gray") return color(Color::kGray);
  if (word == "bgr") return color(Color::kBgr);
  if (word == "rgb") return color(Color::kRgb);
  throw Error(errc::invalid_config,
              fmt::format("preprocess step {}: \"{}\" is none of gray, bgr, rgb", arguments.text(), word));
}

/// The interpolation that a step names at `index`, or the usual one.
Interpolation interpolation_from(const StepArguments& arguments, std::size_t index) {
  if (arguments.size() <= index) return Interpolation::kArea;
  const std::string& word = arguments.word(index);
  if (word == "area") return Interpolation::kArea;
  if (word == "linear") return Interpolation::kLinear;
  if (word == "lanczos") return Interpolation::kLanczos;
  throw Error(errc::invalid_config,
              fmt::format("preprocess step {}: \"{}\" is none of area, linear, lanczos", arguments.text(), word));
}

/// The rounding that a step names at `index`, or its usual one.
Rounding rounding_from(const StepArguments& arguments, std::size_t index, Rounding usual) {
  if (arguments.size() <= index) return usual;
  const std::string& word = arguments.word(index);
  if (word == "floor") return Rounding::kDown;
  if (word == "round") return Rounding::kNearest;
  throw Error(errc::invalid_config,
              fmt::format("preprocess step {}: \"{}\" is neither floor nor round", arguments.text(), word));
}

StepPtr normalize_from(const StepArguments& a) {
  if (a.size() == 2) return normalize(a.number(0), a.number(1));
  if (a.size() == 6) return normalize({a.number(0), a.number(1), a.number(2)}, {a.number(3), a.number(4), a.number(5)});
  throw Error(errc::invalid_config,
              fmt::format("preprocess step {} has {} arguments; it takes a mean and a deviation, or 3 means and then 3 "
                          "deviations",
                          a.text(), a.size()));
}

}  // namespace

StepPtr color(Color to) { return std::make_shared<ToColor>(to); }

StepRegistry built_in_steps() {
  using Arguments = StepArguments;
  StepRegistry steps;
  steps.add("bias", [](const Arguments& a) { return a.size() == 0 ? bias() : bias(a.number(0)); });
  steps.add("clip", [](const Arguments& a) { return clip(a.number(0), a.number(1)); });
  steps.add("color", color_from);
  steps.add("crop", [](const Arguments& a) { return a.size() == 0 ? crop() : crop(a.integer(0, 0, kMaxImageSide)); });
  steps.add("crop_center", [](const Arguments& a) {
    return crop_center(a.integer(0, 1, kMaxImageSide), a.integer(1, 1, kMaxImageSide),
                       rounding_from(a, 2, Rounding::kNearest));
  });
  steps.add("depth", [](const Arguments& a) { return depth(a.integer(0, 8, 8)); });
  steps.add("letterbox", [](const Arguments& a) {
    return letterbox(a.integer(0, 1, kMaxImageSide), a.integer(1, 1, kMaxImageSide), a.size() > 2 ? a.number(2) : 0,
                     interpolation_from(a, 3));
  });
  steps.add("levels", [](const Arguments& a) { return levels(a.number(0)); });
  steps.add("mask", [](const Arguments& a) { return a.size() == 0 ? mask() : mask(a.integer(0, 0, 64)); });
  steps.add("median", [](const Arguments& a) { return median(a.integer(0, 3, 5)); });
  steps.add("normalize", normalize_from);
  steps.add("rescale",
            [](const Arguments& a) { return a.size() == 0 ? rescale() : rescale(a.number(0), a.number(1)); });
  steps.add("resize", [](const Arguments& a) {
    return resize(a.integer(0, 1, kMaxImageSide), a.integer(1, 1, kMaxImageSide), interpolation_from(a, 2));
  });
  steps.add("resize_shortest", [](const Arguments& a) {
    return resize_shortest(a.integer(0, 1, kMaxImageSide), interpolation_from(a, 1),
                           rounding_from(a, 2, Rounding::kDown));
  });
  steps.add("zscore", [](const Arguments&) { return zscore(); });
  return steps;
}

}  // namespace conveyor::vision
