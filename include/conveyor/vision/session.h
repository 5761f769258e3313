#ifndef CONVEYOR_VISION_SESSION_H_
#define CONVEYOR_VISION_SESSION_H_

#include <memory>
#include <opencv2/core/mat.hpp>
#include <span>
#include <string>
#include <vector>

#include "conveyor/export.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/outcome.h"

namespace conveyor::vision {

class PreprocessChain;
struct NetworkInput;
struct Sample;

/// A warmed-up classifier of a model. It checks everything that the classifier is given and everything it answers.
///
/// Thread safety: one thread at a time; sessions of one model may run side by side.
class CONVEYOR_EXPORT Session {
 public:
  /// Makes the classifier, checks its input() and runs it once on a synthetic picture (noise of the declared shape;
  /// where it takes any, 640 x 480, 3 channels, 8 bit), so that what is slow the first time is behind it.
  /// @throws Error with errc::invalid_config when that fails: it throws, leaves the outcome unset, or its scores are
  ///         not finite
  explicit Session(std::shared_ptr<const Model> model);
  ~Session();
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;

  /// Tries the chain on synthetic pictures of several sizes and types.
  /// @throws Error with errc::invalid_config when it gives the classifier nothing that it takes
  void check(const PreprocessChain& chain) const;

  /// Fills every outcome: none is unset afterwards, and this does not throw for what a classifier may do wrong.
  ///
  /// - What input() says of channel order and range is done; docs/classifiers.md has the table.
  /// - An image of another shape than declared is bad input, and does not reach the classifier; nor does one that it
  ///   refuses, or whose values cannot be brought to what it takes.
  /// - An outcome left unset, a score or box that is not finite, a box of negative size, a label that is not UTF-8 or
  ///   whose index lies outside the card's labels: a fault.
  /// - If the classifier throws, the images are tried again one by one.
  ///
  /// @param outcomes as many as samples; what they hold is dropped, their memory used again
  void classify(std::span<const Sample* const> samples, std::span<Outcome> outcomes);
  /// The same for images that nothing more is known of: gray, BGR or BGRA, of the range that follows from their depth.
  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes);

  /// For people: what is done to such a sample before the classifier gets it; "nothing" where nothing is.
  /// @throws DecodeError when it is refused
  [[nodiscard]] std::string conversion(const Sample& sample) const;

  /// For people: the numbers that reach the networks of the classifier for such a sample; of a classifier without any,
  /// the pixels that it gets. It is never empty.
  /// @throws DecodeError when the sample is refused; what the classifier throws
  [[nodiscard]] std::vector<NetworkInput> network_inputs(const Sample& sample);

  [[nodiscard]] const ModelCard& card() const noexcept { return model_->card(); }
  [[nodiscard]] const InputSpec& input() const noexcept { return input_; }

 private:
  /// Why the sample is refused, to follow the classifier's name: "takes images of ..."; empty: it is not.
  [[nodiscard]] std::string refusal(const Sample& sample) const;
  void prepare(const Sample& sample, cv::Mat& image, cv::Mat& buffer, Outcome& outcome) const;
  void run(std::span<const cv::Mat> images, std::span<Outcome> outcomes);
  void run_batch(std::span<const cv::Mat> images, std::span<Outcome> outcomes);
  void warm_up();

  std::shared_ptr<const Model> model_;
  std::unique_ptr<Classifier> classifier_;
  InputSpec input_;
  std::vector<cv::Mat> images_;     // of the batch that is being classified
  std::vector<cv::Mat> converted_;  // memory for those that had to be converted
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_SESSION_H_
