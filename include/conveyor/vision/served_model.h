#ifndef CONVEYOR_VISION_SERVED_MODEL_H_
#define CONVEYOR_VISION_SERVED_MODEL_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "conveyor/export.h"
#include "conveyor/vision/predictor.h"
#include "conveyor/vision/serve_options.h"

namespace conveyor::vision {

/// What a service did since it began. An image that is tried again is counted again.
struct ServeCounters {
  std::uint64_t predictions = 0;
  std::uint64_t bad_input = 0;    ///< images that nobody can classify: undecodable, refused by a step or the classifier
  std::uint64_t retries = 0;      ///< the classifier asked for another attempt
  std::uint64_t faults = 0;       ///< the classifier went wrong
  std::uint64_t passed_over = 0;  ///< frames too old, see Freshness
  std::uint64_t batches = 0;      ///< calls with at least one image
  std::uint64_t swaps = 0;
  std::uint64_t roll_backs = 0;

  /// Where the time went, summed over predictions: waiting since capture, or since the record was written; decoding;
  /// preprocessing; inference, a batch's shared by its images; serialising, compressing and queueing the answer.
  struct Times {
    std::chrono::microseconds wait{0};
    std::chrono::microseconds decode{0};
    std::chrono::microseconds preprocess{0};
    std::chrono::microseconds inference{0};
    std::chrono::microseconds encode{0};
  };
  Times times = {};
};

/// The model that a worker's threads use. It can be exchanged while they work: no message waits for that or is lost,
/// and each prediction names the model that made it.
///
///     const auto served = conveyor::vision::serve(worker, kScans, kPredictions, first);
///     std::jthread running([&](std::stop_token stop) { worker.run(stop); });
///     served->swap(conveyor::vision::onnx("second.onnx"));  // throws when it fails its check, and `first` goes on
///
/// Thread safety: all functions may be called from any thread.
class CONVEYOR_EXPORT ServedModel {
 public:
  /// @throws Error with errc::invalid_config as Predictor does
  ServedModel(std::shared_ptr<const Model> model, const ServeOptions& options = {});
  ~ServedModel();
  ServedModel(const ServedModel&) = delete;
  ServedModel& operator=(const ServedModel&) = delete;

  /// What a model must do before it is used, on pictures whose answers are known for example; throws when it fails.
  using Check = std::function<void(Predictor& predict)>;

  /// Makes a Predictor of the next model, which warms it up and tries it with the preprocess chain, runs `check`, and
  /// has every thread use it from its next batch on. A thread that cannot make one of its own rolls back.
  /// @throws Error with errc::invalid_config, or what `check` throws; the model in use stays
  void swap(std::shared_ptr<const Model> next, const Check& check = {});

  /// Goes back to the model before the last swap. @return false when there is none
  bool roll_back();

  [[nodiscard]] std::shared_ptr<const Model> current() const;
  /// Why a swap was last rolled back by a thread that could not use the model; empty: never.
  [[nodiscard]] std::string last_failure() const;
  [[nodiscard]] ServeCounters counters() const noexcept;

 private:
  friend class ServingThread;
  struct State;
  const std::unique_ptr<State> state_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_VISION_SERVED_MODEL_H_
