#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <opencv2/imgproc.hpp>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "vision/describe.h"

namespace conveyor::vision {
namespace {

void check_size(std::string_view step, int width, int height) {
  if (auto wrong = wrong_dimensions(width, height); !wrong.empty()) {
    throw Error(errc::invalid_config, fmt::format("preprocess step {}: {}", step, wrong));
  }
}

void check_finite(std::string_view step, double a, double b) {
  if (!std::isfinite(a) || !std::isfinite(b)) {
    throw Error(errc::invalid_config, fmt::format("preprocess step {}: its arguments must be finite", step));
  }
}

// cv::resize into pixels that have their place and size already.
void resize_into(const cv::Mat& from, cv::Mat to) {
  const bool shrinks = to.cols <= from.cols && to.rows <= from.rows;
  if (to.size() == from.size()) {
    from.copyTo(to);
  } else {
    cv::resize(from, to, to.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
}

void resize_mask_into(const cv::Mat& from, cv::Mat to) { cv::resize(from, to, to.size(), 0, 0, cv::INTER_NEAREST); }

class Rescale final : public PreprocessStep {
 public:
  Rescale(double factor, double offset) : factor_(factor), offset_(offset) { check_finite("rescale", factor, offset); }

  void apply(const Sample& in, Sample& out) const override {
    in.pixels.convertTo(out.pixels, CV_32F, factor_ * in.slope, factor_ * in.intercept + offset_);
    out.mask = in.mask;
    out.slope = 1;
    out.intercept = 0;
  }
  std::string text() const override {
    return factor_ == 1 && offset_ == 0 ? "rescale" : step_text("rescale", {factor_, offset_});
  }

 private:
  double factor_, offset_;
};

class Resize final : public PreprocessStep {
 public:
  Resize(int width, int height) : size_(width, height) { check_size("resize", width, height); }

  void apply(const Sample& in, Sample& out) const override {
    out.pixels.create(size_, in.pixels.type());
    resize_into(in.pixels, out.pixels);
    if (in.mask.empty()) {
      out.mask.release();
    } else {
      out.mask.create(size_, CV_8UC1);
      resize_mask_into(in.mask, out.mask);
    }
    const cv::Matx23d back(static_cast<double>(in.pixels.cols) / size_.width, 0, 0,  //
                           0, static_cast<double>(in.pixels.rows) / size_.height, 0);
    out.to_source = compose(in.to_source, back);
  }
  std::string text() const override {
    return step_text("resize", {static_cast<double>(size_.width), static_cast<double>(size_.height)});
  }

 private:
  cv::Size size_;
};

class Letterbox final : public PreprocessStep {
 public:
  Letterbox(int width, int height, double fill) : size_(width, height), fill_(fill) {
    check_size("letterbox", width, height);
    check_finite("letterbox", fill, 0);
  }

  void apply(const Sample& in, Sample& out) const override {
    const double fit =
        std::min(static_cast<double>(size_.width) / in.pixels.cols, static_cast<double>(size_.height) / in.pixels.rows);
    const cv::Size inner(std::clamp(static_cast<int>(std::lround(in.pixels.cols * fit)), 1, size_.width),
                         std::clamp(static_cast<int>(std::lround(in.pixels.rows * fit)), 1, size_.height));
    const cv::Rect place(cv::Point((size_.width - inner.width) / 2, (size_.height - inner.height) / 2), inner);
    out.pixels.create(size_, in.pixels.type());
    out.pixels.setTo(cv::Scalar::all(fill_));
    resize_into(in.pixels, out.pixels(place));
    if (in.mask.empty()) {
      out.mask.release();
    } else {
      out.mask.create(size_, CV_8UC1);
      out.mask.setTo(0);
      resize_mask_into(in.mask, out.mask(place));
    }
    // The inner size was rounded, so that each side has a factor of its own.
    const double fx = static_cast<double>(in.pixels.cols) / inner.width;
    const double fy = static_cast<double>(in.pixels.rows) / inner.height;
    out.to_source = compose(in.to_source, cv::Matx23d(fx, 0, -fx * place.x, 0, fy, -fy * place.y));
  }
  std::string text() const override {
    const double width = size_.width, height = size_.height;
    return fill_ == 0 ? step_text("letterbox", {width, height}) : step_text("letterbox", {width, height, fill_});
  }

 private:
  cv::Size size_;
  double fill_;
};

class ToColor final : public PreprocessStep {
 public:
  explicit ToColor(Color to) : to_(to) {}

  void apply(const Sample& in, Sample& out) const override {
    const int code = conversion(in.pixels.channels(), in.rgb);
    if (code < 0) {
      in.pixels.copyTo(out.pixels);
    } else {
      cv::cvtColor(in.pixels, out.pixels, code);
    }
    out.mask = in.mask;
    out.rgb = to_ == Color::kRgb;
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

}  // namespace

StepPtr rescale(double factor, double offset) { return std::make_shared<Rescale>(factor, offset); }
StepPtr resize(int width, int height) { return std::make_shared<Resize>(width, height); }
StepPtr letterbox(int width, int height, double fill) { return std::make_shared<Letterbox>(width, height, fill); }
StepPtr color(Color to) { return std::make_shared<ToColor>(to); }

StepRegistry built_in_steps() {
  StepRegistry steps;
  steps.add("rescale",
            [](const StepArguments& a) { return a.size() == 0 ? rescale() : rescale(a.number(0), a.number(1)); });
  steps.add("resize", [](const StepArguments& a) {
    return resize(a.integer(0, 1, kMaxImageSide), a.integer(1, 1, kMaxImageSide));
  });
  steps.add("letterbox", [](const StepArguments& a) {
    return letterbox(a.integer(0, 1, kMaxImageSide), a.integer(1, 1, kMaxImageSide), a.size() > 2 ? a.number(2) : 0);
  });
  steps.add("color", color_from);
  return steps;
}

}  // namespace conveyor::vision
