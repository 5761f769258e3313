#ifndef CONVEYOR_SRC_VISION_SERVE_SERVING_THREAD_H_
#define CONVEYOR_SRC_VISION_SERVE_SERVING_THREAD_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "conveyor/message.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/vision/predictor.h"
#include "conveyor/vision/served_model.h"
#include "vision/serve/served_model_state.h"

namespace conveyor::vision {

/// The part of the service that each of the worker's threads has: a predictor of the model in use. Counts what it does.
class ServingThread {
 public:
  explicit ServingThread(std::shared_ptr<ServedModel> served);

  /// One result for each message, valid until the next call.
  [[nodiscard]] std::span<Predictor::Result> predict(std::span<const Message<v1::Image>* const> messages);

  /// Sends a prediction by calling `send`, and counts it and the time taken. What `send` throws passes; then nothing is
  /// counted.
  template <class Send>
  void send(Send&& send) {
    const auto before = std::chrono::steady_clock::now();
    std::forward<Send>(send)();
    add(ServedModel::State::kEncode,
        std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - before).count());
    state_.counters.predictions.fetch_add(1, std::memory_order_relaxed);
  }

  [[nodiscard]] const ServeOptions& options() const noexcept { return state_.options; }
  void pass_over() { state_.counters.passed_over.fetch_add(1, std::memory_order_relaxed); }

 private:
  void reload_model();
  void add(ServedModel::State::Stage stage, std::int64_t time) {
    state_.counters.microseconds[stage].fetch_add(time, std::memory_order_relaxed);
  }
  void count(const Predictor::Result& result);

  std::shared_ptr<ServedModel> served_;
  ServedModel::State& state_;
  std::optional<Predictor> predictor_;
  std::uint64_t generation_ = 0;
  std::vector<Predictor::Result> results_;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_SERVE_SERVING_THREAD_H_
