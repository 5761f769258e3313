#ifndef CONVEYOR_VISION_PREDICTOR_H_
#define CONVEYOR_VISION_PREDICTOR_H_

#include <memory>
#include <optional>
#include <span>

#include "conveyor/export.h"
#include "conveyor/message.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/failure.h"
#include "conveyor/vision/serve_options.h"

namespace conveyor::vision {

class Model;

/// Turns a message with an image into the prediction of a model: what serve() puts into a worker, for handlers of your
/// own and for tests without a broker.
///
///     conveyor::vision::Predictor predict{model, {.preprocess = "letterbox(640,480)"}};
///     conveyor::v1::Prediction prediction = predict(message);
///
/// The prediction has everything conveyor.v1.Prediction asks for: boxes in pixels of the image as it was sent, cut at
/// its edges (a box wholly outside is left out); in `object` each label once, most certain first.
///
/// Thread safety: one thread at a time, each with a predictor of its own (conveyor::per_thread).
class CONVEYOR_EXPORT Predictor {
 public:
  /// Makes and warms up a classifier.
  /// @throws Error with errc::invalid_config for a chain that does not parse or does not give what the classifier
  ///         takes, or a classifier that fails its warm-up
  explicit Predictor(std::shared_ptr<const Model> model, const ServeOptions& options = {});
  ~Predictor();
  Predictor(Predictor&&) noexcept;
  Predictor& operator=(Predictor&&) noexcept;

  /// @throws DecodeError when the image is bad input to the decoder, a step or the classifier; RetryableError when one
  ///         of them asks for another attempt; Error, with errc::handler_failed as a rule, when one went wrong. All of
  ///         them name the record and the reason. What else a decoder or a step throws comes as it is.
  [[nodiscard]] v1::Prediction operator()(const Message<v1::Image>& message);

  /// What became of one image of several.
  struct Result {
    v1::Prediction prediction = {};
    std::optional<Failure> failure = {};  ///< why there is no prediction; its reason names the record
  };
  /// The same for several at once, without throwing for any of them: the classifier gets all that could be prepared,
  /// and one bad image fails alone. Timings are each image's own, but for inference_us, which is the whole batch's.
  /// @param results as many as messages
  void operator()(std::span<const Message<v1::Image>* const> messages, std::span<Result> results);

  [[nodiscard]] const std::shared_ptr<const Model>& model() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_PREDICTOR_H_
