#include "vision/serve/serving_thread.h"

namespace conveyor::vision {

ServingThread::ServingThread(std::shared_ptr<ServedModel> served)
    : served_(std::move(served)), state_(*served_->state_) {
  reload_model();
}

std::span<Predictor::Result> ServingThread::predict(std::span<const Message<v1::Image>* const> messages) {
  if (generation_ != state_.generation.load(std::memory_order_acquire)) reload_model();
  results_.resize(messages.size());
  const std::span results{results_};
  (*predictor_)(messages, results);
  if (!messages.empty()) state_.counters.batches.fetch_add(1, std::memory_order_relaxed);
  std::int64_t inference_us = 0;  // the whole batch's, which each prediction has
  for (const Predictor::Result& result : results) {
    count(result);
    if (!result.failure) inference_us = result.prediction.timings().inference_us();
  }
  add(ServedModel::State::kInference, inference_us);
  return results;
}

void ServingThread::reload_model() {
  auto reloaded = state_.reload_model(predictor_ ? predictor_->model() : nullptr);
  if (reloaded.predictor) predictor_ = std::move(reloaded.predictor);
  generation_ = reloaded.generation;
}

void ServingThread::count(const Predictor::Result& result) {
  auto& counters = state_.counters;
  if (!result.failure) {
    const v1::Timings& timings = result.prediction.timings();
    add(ServedModel::State::kWait, timings.wait_us());
    add(ServedModel::State::kDecode, timings.decode_us());
    add(ServedModel::State::kPreprocess, timings.preprocess_us());
    return;
  }
  switch (result.failure->kind) {
    case Outcome::Kind::kRetryable:
      counters.retries.fetch_add(1, std::memory_order_relaxed);
      break;
    case Outcome::Kind::kBadInput:
      counters.bad_input.fetch_add(1, std::memory_order_relaxed);
      break;
    default:
      counters.faults.fetch_add(1, std::memory_order_relaxed);
  }
}

}  // namespace conveyor::vision
