#include "conveyor/vision/preprocess.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <exception>
#include <opencv2/core.hpp>
#include <optional>
#include <utility>

#include "conveyor/error.h"
#include "vision/image/image_shape.h"

namespace conveyor::vision {

PreprocessStep::~PreprocessStep() = default;

PixelRange range_of(const Sample& sample) {
  if (sample.range.kind != PixelRange::Kind::kByDepth) return sample.range;
  const int depth = sample.pixels.depth();
  if (depth != CV_8U && depth != CV_16U) return PixelRange::unknown();
  const double white = depth == CV_8U ? 255 : 65535;
  const bool physical = sample.slope != 1 || sample.intercept != 0;
  return physical ? PixelRange::physical(0, white) : PixelRange::levels(white);
}

Box to_source(const Box& box, const Sample& sample) {
  const cv::Matx23d& m = sample.to_source;
  double left = 0, top = 0, right = 0, bottom = 0;
  for (int corner = 0; corner < 4; ++corner) {
    const double x = static_cast<double>(box.x) + (corner % 2 ? static_cast<double>(box.width) : 0.0);
    const double y = static_cast<double>(box.y) + (corner / 2 ? static_cast<double>(box.height) : 0.0);
    const double u = m(0, 0) * x + m(0, 1) * y + m(0, 2);
    const double v = m(1, 0) * x + m(1, 1) * y + m(1, 2);
    left = corner ? std::min(left, u) : u;
    right = corner ? std::max(right, u) : u;
    top = corner ? std::min(top, v) : v;
    bottom = corner ? std::max(bottom, v) : v;
  }
  return {static_cast<float>(left), static_cast<float>(top), static_cast<float>(right - left),
          static_cast<float>(bottom - top)};
}

cv::Matx23d compose(const cv::Matx23d& outer, const cv::Matx23d& inner) {
  cv::Matx23d both;
  for (int r = 0; r < 2; ++r) {
    for (int c = 0; c < 3; ++c) {
      both(r, c) = outer(r, 0) * inner(0, c) + outer(r, 1) * inner(1, c) + (c == 2 ? outer(r, 2) : 0.0);
    }
  }
  return both;
}

PreprocessChain::PreprocessChain(std::vector<StepPtr> steps) : steps_(std::move(steps)) {
  for (const StepPtr& step : steps_) {
    if (!step) throw Error(errc::invalid_config, "a step of a preprocess chain is null");
  }
}

std::string PreprocessChain::text() const {
  std::string text;
  for (const StepPtr& step : steps_) {
    if (!text.empty()) text += '|';
    text += step->text();
  }
  return text;
}

namespace {

/// Which rule the step broke, or nothing; a lost mask or shared pixels would only show much later.
std::string broken_rule(const Sample& in, const Sample& out) {
  if (out.pixels.empty() || out.pixels.dims != 2) return "it gave no pixels";
  if (out.pixels.datastart == in.pixels.datastart) return "its pixels are those it was given, not copied";
  if (in.mask.empty() && out.mask.empty()) return {};
  if (out.mask.empty()) return "it lost the mask; a mask that stays is passed on: out.mask = in.mask";
  if (out.mask.type() != CV_8UC1 || out.mask.size() != out.pixels.size()) {
    return fmt::format("its mask is {} for pixels of {}", describe(out.mask), describe(out.pixels));
  }
  return {};
}

/// Sets the range to what the step says, or to what follows where it says nothing.
void settle_range(const Sample& in, Sample& out, const StepPtr& step) {
  const PixelRange before = range_of(in);
  if (out.range.kind == PixelRange::Kind::kByDepth) {
    const int depth = out.pixels.depth();
    const bool stays = depth == in.pixels.depth() && (depth == CV_8U || depth == CV_16U);
    out.range = stays ? before : PixelRange::unknown();
  }
  out.range_from = out.range == before ? in.range_from : step;
}

// A step may have passed on the matrix that it was given instead of writing to its own memory.
void release_unless_owned(cv::Mat& mat) {
  if (mat.u == nullptr || mat.u->refcount > 1) mat.release();
}

/// Runs one step. It may be a user's: this is the only place that catches what it throws.
std::optional<Failure> apply(const PreprocessStep& step, const Sample& in, Sample& out) {
  const auto bad_input = [&](const std::string& why) {
    return Failure{Outcome::Kind::kBadInput,
                   fmt::format("preprocess step {} cannot work on {}: {}", step.text(), describe(in.pixels), why)};
  };
  if (in.pixels.empty()) return bad_input("there are none");
  try {
    step.apply(in, out);
  } catch (const Error& error) {
    if (error.retryable()) return Failure{Outcome::Kind::kRetryable, error.what()};
    return bad_input(error.what());
  } catch (const cv::Exception& error) {
    return bad_input(error.err);
  } catch (const std::exception& error) {
    return Failure{Outcome::Kind::kFault, fmt::format("preprocess step {} threw: {}", step.text(), error.what()),
                   std::current_exception()};
  } catch (...) {
    return Failure{Outcome::Kind::kFault,
                   fmt::format("preprocess step {} threw something that is not a std::exception", step.text()),
                   std::current_exception()};
  }
  if (const std::string broken = broken_rule(in, out); !broken.empty()) return bad_input(broken);
  return {};
}

}  // namespace

const Sample& PreprocessChain::run(const Sample& in, Scratch& scratch) const {
  Failure failure;
  const Sample* sample = try_run(in, scratch, failure);
  if (sample == nullptr) std::rethrow_exception(failure.as_exception());
  return *sample;
}

const Sample* PreprocessChain::try_run(const Sample& in, Scratch& scratch, Failure& failure) const {
  if (!in.mask.empty() && (in.mask.type() != CV_8UC1 || in.mask.size() != in.pixels.size())) {
    failure = {Outcome::Kind::kBadInput,
               fmt::format("a mask of {} does not fit pixels of {}", describe(in.mask), describe(in.pixels))};
    return nullptr;
  }
  if (steps_.empty()) return &(scratch.unchanged_ = in);

  std::vector<Sample>& results = scratch.results_;
  results.resize(steps_.size());
  for (auto result = results.rbegin(); result != results.rend(); ++result) {
    release_unless_owned(result->pixels);
    release_unless_owned(result->mask);
  }
  const Sample* from = &in;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    Sample& to = results[i];
    to.rgb = from->rgb;
    to.to_source = from->to_source;
    to.slope = from->slope;
    to.intercept = from->intercept;
    to.range = {};
    if (auto failed = apply(*steps_[i], *from, to)) {
      failure = *std::move(failed);
      return nullptr;
    }
    settle_range(*from, to, steps_[i]);
    from = &to;
  }
  return from;
}

std::string step_text(std::string_view name, std::initializer_list<double> numbers) {
  std::string text(name);
  char separator = '(';
  for (const double number : numbers) {
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    text += std::exchange(separator, ',');
    text.append(digits.data(), end);
  }
  if (numbers.size() > 0) text += ')';
  return text;
}

}  // namespace conveyor::vision
