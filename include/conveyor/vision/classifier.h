#ifndef CONVEYOR_VISION_CLASSIFIER_H_
#define CONVEYOR_VISION_CLASSIFIER_H_

#include <concepts>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "conveyor/export.h"
#include "conveyor/vision/model_card.h"
#include "conveyor/vision/outcome.h"

namespace cv {
class Mat;
}

namespace conveyor::vision {

struct NetworkInput;
struct Sample;

/// How the channels of a colour image lie.
enum class ChannelOrder {
  kAny,  ///< as the preprocess chain leaves them: B, G, R unless it has color(rgb)
  kBgr,  ///< B, G, R, and A where there are four
  kRgb,  ///< R, G, B, likewise
};

/// The images a classifier takes.
struct InputSpec {
  int width = 0;      ///< pixels; 0: any
  int height = 0;     ///< pixels; 0: any
  int channels = 0;   ///< 1, 3 or 4; 0: any
  int depth = -1;     ///< CV_8U, CV_16U, CV_32F, ...; -1: any
  int max_batch = 0;  ///< images per call; 0: any number

  /// Where the chain leaves the other order, red and blue are swapped.
  ChannelOrder order = ChannelOrder::kAny;
  /// The value of white, where black is 0; 0: any, and pixels come as the chain leaves them. Levels of brightness are
  /// scaled to it (pixel * white / their white), in float unless `depth` says otherwise. Pixels that are no longer
  /// brightness (normalised, physical, of unknown range) are refused, and so are levels that the chain has rescaled to
  /// another range.
  double white = 0;
};

/// Says what is in images: the one class to write.
///
///     class Brightness final : public conveyor::vision::Classifier {
///      public:
///       std::string_view name() const override { return "brightness"; }
///       void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override;
///     };
///
/// Thread safety: an instance is used by one thread at a time; each worker thread has its own, made by a Model.
class CONVEYOR_EXPORT Classifier {
 public:
  using Outcome = vision::Outcome;  // so that a subclass may say Outcome

  Classifier() = default;
  Classifier(const Classifier&) = delete;
  Classifier& operator=(const Classifier&) = delete;
  virtual ~Classifier() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;
  /// What it takes; images of another shape never reach classify().
  [[nodiscard]] virtual InputSpec input() const { return {}; }
  /// Why it cannot take such a sample although its shape is right, such as its `rgb` or `range`; empty: it can. Called
  /// before classify(), with what the chain left.
  [[nodiscard]] virtual std::string refusal(const Sample&) const { return {}; }
  /// Fills outcomes[i] with what is in images[i].
  ///
  /// @param images as many as outcomes, at least one; gray (1 channel), BGR (3) or BGRA (4) unless the preprocess chain
  ///               ordered them otherwise and input() names no order; read only
  /// @param outcomes all unset; one left unset is a fault of the classifier, so say nothing_found()
  ///
  /// What it throws fails this batch; its images are then tried again one by one, so that a bad one never fails its
  /// neighbours. An Error that is retryable(), and DecodeError, count as retry() and bad_input(), others as fault().
  virtual void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) = 0;
  /// Appends what its networks are fed with for an image that classify() would take, for people who look for the reason
  /// of strange answers (network_input.h). Without anything, the image itself counts as what it works on.
  virtual void add_network_inputs(const cv::Mat&, std::vector<NetworkInput>&) {}
};

/// Weights, loaded and checked once; makes a Classifier for each worker thread.
///
/// Thread safety: immutable; all functions may be called from any thread.
class CONVEYOR_EXPORT Model {
 public:
  Model() = default;
  Model(const Model&) = delete;
  Model& operator=(const Model&) = delete;
  virtual ~Model() = default;

  [[nodiscard]] virtual const ModelCard& card() const noexcept = 0;
  [[nodiscard]] virtual std::unique_ptr<Classifier> new_classifier() const = 0;
};

/// A model from its card and a function that makes its classifiers, called from any thread.
[[nodiscard]] inline std::shared_ptr<const Model> make_model(ModelCard card,
                                                             std::function<std::unique_ptr<Classifier>()> make) {
  class Made final : public Model {
   public:
    Made(ModelCard card, std::function<std::unique_ptr<Classifier>()> make)
        : card_(std::move(card)), make_(std::move(make)) {}
    const ModelCard& card() const noexcept override { return card_; }
    std::unique_ptr<Classifier> new_classifier() const override { return make_(); }

   private:
    ModelCard card_;
    std::function<std::unique_ptr<Classifier>()> make_;
  };
  return std::make_shared<const Made>(std::move(card), std::move(make));
}

/// A model of a classifier class, made from copies of `args` and named as it names itself.
///
///     conveyor::vision::serve(worker, kImages, kPredictions, conveyor::vision::model_of<Brightness>());
template <std::derived_from<Classifier> C, std::copy_constructible... Args>
requires std::constructible_from<C, const Args&...>
[[nodiscard]] std::shared_ptr<const Model> model_of(Args... args) {
  const auto make = [args...]() -> std::unique_ptr<Classifier> { return std::make_unique<C>(args...); };
  return make_model({.name = std::string(make()->name())}, make);
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_CLASSIFIER_H_
