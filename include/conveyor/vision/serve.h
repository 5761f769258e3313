#ifndef CONVEYOR_VISION_SERVE_H_
#define CONVEYOR_VISION_SERVE_H_

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "conveyor/batch.h"
#include "conveyor/channel.h"
#include "conveyor/export.h"
#include "conveyor/message.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/image.h"
#include "conveyor/vision/preprocess.h"

namespace conveyor {
class Worker;
}
namespace conveyor::v1 {
class ProcessedImage;
}  // namespace conveyor::v1

namespace conveyor::vision {

class Model;
class ServedModel;

/// For live cameras, whose old frames are of no use: which frames of a batch are passed over, so that a service that
/// was behind catches up. They are counted (ServeCounters::passed_over), committed, and nothing is sent for them.
///
/// Scans are never passed over: without this every image has its prediction or is a dead letter.
struct Freshness {
  /// A frame that waited longer, from its capture_time_us, is passed over when the batch has a newer one of its
  /// partition and source.
  std::chrono::milliseconds max_age{500};
};

struct ServeOptions {
  std::string preprocess = {};            ///< a chain as text; empty: the one that the model's card names
  StepRegistry steps = built_in_steps();  ///< what the chain may consist of
  /// Raw and delta_split images only; conveyor::media::decode reads PNG and JPEG too, conveyor::dicom::decode DICOM.
  ImageDecoder decode = static_cast<cv::Mat (*)(const v1::Image&, cv::Mat&)>(&vision::decode);
  /// Of the whole process, set by serve(): the worker's threads are enough. 0 leaves OpenCV's setting alone.
  int opencv_threads = 1;
  /// How many images a classifier gets at once, at most, and how long the first waits for others; a classifier that
  /// declares less gets them in parts. How many may wait is the worker's to say: WorkerOptions::max_in_flight.
  BatchOptions batch{.max_batch = 1, .max_delay = std::chrono::milliseconds(0)};
  std::optional<Freshness> freshness = {};  ///< for cameras only; needs batches, among whose frames it chooses
};

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

  /// @throws DecodeError when the record, its image, or what the classifier says of it is bad input; RetryableError
  ///         when the classifier asks for another attempt; Error with errc::handler_failed when it went wrong. All of
  ///         them name the record and the reason.
  [[nodiscard]] v1::Prediction operator()(const Message<v1::Image>& message);

  /// What became of one image of several.
  struct Result {
    v1::Prediction prediction = {};
    std::exception_ptr failure = {};  ///< what operator() would throw; null: there is a prediction
  };
  /// The same for several at once: the classifier gets all of them that could be prepared, and one bad image fails
  /// alone. Timings are each image's own, but for inference_us, which is the whole batch's.
  /// @param results as many as messages
  void operator()(std::span<const Message<v1::Image>* const> messages, std::span<Result> results);

  [[nodiscard]] const std::shared_ptr<const Model>& model() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Makes the worker classify what arrives on `images` and send what was found to `predictions`.
///
///     conveyor::vision::serve(worker, kVideoStream, kPredictions, conveyor::vision::model_of<Brightness>());
///     worker.run();
///
/// Each of the worker's threads gets a Predictor; the first is made here, so that what is wrong with model or chain is
/// thrown here.
///
/// @return with which the model can be exchanged while the worker runs, and what it did be counted: served_model.h
/// @throws Error as Predictor does, or with errc::invalid_config when the channel has a handler already, or for
///         batches beside Worker::use()
CONVEYOR_EXPORT std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                                   const Channel<v1::Prediction>& predictions,
                                                   std::shared_ptr<const Model> model,
                                                   const ServeOptions& options = {});

/// The same, sending each image on together with its prediction.
CONVEYOR_EXPORT std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                                   const Channel<v1::ProcessedImage>& processed,
                                                   std::shared_ptr<const Model> model,
                                                   const ServeOptions& options = {});

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_SERVE_H_
