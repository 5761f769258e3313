#ifndef CONVEYOR_VISION_PREPROCESS_H_
#define CONVEYOR_VISION_PREPROCESS_H_

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <opencv2/core/mat.hpp>
#include <opencv2/core/matx.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/export.h"
#include "conveyor/vision/failure.h"
#include "conveyor/vision/outcome.h"
#include "conveyor/vision/pixel_range.h"

// Chains of steps. The steps themselves are in steps.h.

namespace conveyor::vision {

class PreprocessStep;

/// What flows through a chain: pixels, and what later steps need to know of them and of the way back to the source.
struct Sample {
  cv::Mat pixels = {};  ///< 1, 3 or 4 channels: gray, BGR, BGRA
  bool rgb = false;     ///< 3 and 4 channels are RGB and RGBA instead
  cv::Mat mask = {};    ///< CV_8UC1 of the pixels' size, 0: outside; empty: everything is inside

  /// Maps a point of this sample to the point of the decoded image that it came from, both in the continuous
  /// coordinates of Box. In these a resize is a factor without an offset: the centre of pixel i, i + 0.5, goes to
  /// (i + 0.5) * factor, as cv::resize samples.
  cv::Matx23d to_source = cv::Matx23d(1, 0, 0, 0, 1, 0);

  double slope = 1;  ///< physical value = slope * pixel + intercept, where the encoding declares them (DICOM)
  double intercept = 0;

  PixelRange range = {};  ///< what the values of pixels stand for
  /// The step that set the range, for error texts; null: it is the decoder's.
  std::shared_ptr<const PreprocessStep> range_from = {};
};

/// The range of a sample, also where neither decoder nor step set it. Then pixels of 8 and 16 bit are levels to 255 and
/// to 65535, or, with a slope and intercept other than 1 and 0, physical; all others are unknown.
[[nodiscard]] CONVEYOR_EXPORT PixelRange range_of(const Sample& sample);

/// The smallest upright box of the source image that holds `box` of the sample.
[[nodiscard]] CONVEYOR_EXPORT Box to_source(const Box& box, const Sample& sample);

/// Composes two maps: from a step's input to the source, and from its output to its input.
[[nodiscard]] CONVEYOR_EXPORT cv::Matx23d compose(const cv::Matx23d& input_to_source,
                                                  const cv::Matx23d& output_to_input);

/// One step of a chain. Immutable: called from many threads at the same time.
class CONVEYOR_EXPORT PreprocessStep {
 public:
  virtual ~PreprocessStep();

  /// Fills out from in.
  ///
  /// `out` comes with the rgb, to_source, slope and intercept of `in`, and with the pixels and mask that this step left
  /// there the last time this thread ran it: write into these buffers, and nothing is allocated. Pixels are never
  /// shared (`out.pixels = in.pixels` is refused); a mask that stays as it is must be passed on: `out.mask = in.mask`.
  ///
  /// A step that swaps red and blue sets `out.rgb`. One that changes what values stand for, or works on float, sets
  /// `out.range`: to `PixelRange::levels(1)`, say, or to `range_of(in)` where it stays. After a step that sets nothing,
  /// pixels of 8 or 16 bit that keep their depth keep their range; others are of unknown range, which networks that
  /// scale or normalise refuse.
  ///
  /// @throws Error, or what OpenCV throws, when the step cannot work on such a sample: the image is then bad input. An
  ///         Error that is retryable() asks for another attempt. What else it throws is a fault
  virtual void apply(const Sample& in, Sample& out) const = 0;

  /// As in "letterbox(640,480)": parsing it gives this step again.
  [[nodiscard]] virtual std::string text() const = 0;
};
using StepPtr = std::shared_ptr<const PreprocessStep>;

/// The memory of one thread for running chains: the result of every step.
class CONVEYOR_EXPORT Scratch {
 private:
  friend class PreprocessChain;
  Sample unchanged_;
  std::vector<Sample> results_;
};

/// Steps in order. An empty chain leaves the image as it is.
///
///     const auto chain = vision::built_in_steps().parse("letterbox(640,480)|color(rgb)");
///     vision::Scratch scratch;
///     const vision::Sample& prepared = chain.run({.pixels = frame}, scratch);
///
/// Thread safety: immutable, share freely; each thread runs it with a scratch of its own.
class CONVEYOR_EXPORT PreprocessChain {
 public:
  PreprocessChain() = default;
  PreprocessChain(std::initializer_list<StepPtr> steps) : PreprocessChain(std::vector<StepPtr>(steps)) {}
  /// @throws Error with errc::invalid_config when a step is null
  explicit PreprocessChain(std::vector<StepPtr> steps);

  /// Steps joined by `|`; StepRegistry::parse gives the same chain again.
  [[nodiscard]] std::string text() const;
  [[nodiscard]] bool empty() const noexcept { return steps_.empty(); }

  /// The prepared sample, which lives in `scratch` until its next use; of an empty chain it shares the pixels of `in`.
  ///
  /// Once every step has seen an image of a size and type, others like it allocate nothing; but color, and
  /// changes of size of 8-bit colour, use OpenCV's functions, which do. Pixels and masks that somebody still holds (a
  /// copy of the cv::Mat) are left to them, and new ones allocated.
  ///
  /// @throws Error with errc::decode naming the step that could not work on this image; RetryableError when a step asks
  ///         for another attempt; what a step throws that is neither an Error nor OpenCV's
  const Sample& run(const Sample& in, Scratch& scratch) const;

  /// The same without throwing. @return null where a step failed; `failure` then says why
  [[nodiscard]] const Sample* try_run(const Sample& in, Scratch& scratch, Failure& failure) const;

 private:
  std::vector<StepPtr> steps_;
};

/// What stands in the parentheses of a step's text. An argument that is missing, malformed or never asked for is an
/// Error with errc::invalid_config that quotes the step.
class CONVEYOR_EXPORT StepArguments {
 public:
  StepArguments(std::string step, std::vector<std::string> arguments);

  [[nodiscard]] std::size_t size() const noexcept { return arguments_.size(); }
  [[nodiscard]] double number(std::size_t index) const;  ///< finite
  [[nodiscard]] int integer(std::size_t index, int lowest, int highest) const;
  [[nodiscard]] const std::string& word(std::size_t index) const;
  /// As it was written, for messages: "clip(1,99)".
  [[nodiscard]] std::string text() const;

  /// Throws when arguments were given that nobody asked for.
  void check_all_used() const;

 private:
  std::string step_;
  std::vector<std::string> arguments_;
  mutable std::size_t used_ = 0;
};

/// Makes a step from its arguments; throws Error when they make no sense.
using StepMaker = std::function<StepPtr(const StepArguments& arguments)>;

/// The steps that a chain's text may name.
///
///     vision::StepRegistry steps = vision::built_in_steps();
///     steps.add("invert", [](const vision::StepArguments&) { return std::make_shared<Invert>(); });
///     const auto chain = steps.parse("resize(64,64)|invert");
///
/// Thread safety: as a standard container.
class CONVEYOR_EXPORT StepRegistry {
 public:
  /// @param name letters, digits and underscores, beginning with a letter
  /// @throws Error with errc::invalid_config for another name, or one that is taken
  void add(std::string name, StepMaker make);

  /// Reads `name(argument,argument)|name|...`; blanks do not matter; an empty text is the empty chain.
  /// @throws Error with errc::invalid_config saying where and why; for an unknown step: the closest and all known ones
  [[nodiscard]] PreprocessChain parse(std::string_view text) const;

 private:
  StepPtr parse_step(std::string_view text) const;

  std::map<std::string, StepMaker, std::less<>> makers_;
};

/// The steps of steps.h: bias, clip, color, crop, crop_center, depth, letterbox, levels, mask, median, normalize,
/// rescale, resize, resize_shortest and zscore.
[[nodiscard]] CONVEYOR_EXPORT StepRegistry built_in_steps();

/// "name(1,0.5)"; numbers are written so that reading them gives the same ones.
[[nodiscard]] CONVEYOR_EXPORT std::string step_text(std::string_view name, std::initializer_list<double> numbers);

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_PREPROCESS_H_
