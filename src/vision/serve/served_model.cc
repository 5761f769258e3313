#include "conveyor/vision/served_model.h"

#include <fmt/format.h>

#include <exception>
#include <opencv2/core/utility.hpp>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "vision/serve/served_model_state.h"

namespace conveyor::vision {

ServedModel::State::State(std::shared_ptr<const Model> model, const ServeOptions& given)
    : options(given), current(std::move(model)) {
  if (options.freshness && options.batch.max_batch < 2) {
    throw Error(errc::invalid_config,
                "ServeOptions::freshness chooses among the frames of a batch: set ServeOptions::batch.max_batch to the "
                "number of frames to choose from");
  }
  if (options.opencv_threads > 0) cv::setNumThreads(options.opencv_threads);
  ready.emplace(current, options);
}

void ServedModel::State::roll_back() {
  current = std::exchange(former, nullptr);
  ready.reset();
  counters.roll_backs.fetch_add(1, std::memory_order_relaxed);
  generation.fetch_add(1, std::memory_order_release);
}

ServedModel::State::Reloaded ServedModel::State::reload_model(const std::shared_ptr<const Model>& have) {
  while (true) {
    Reloaded reloaded;
    std::shared_ptr<const Model> wanted;
    {
      const MutexLock lock{mutex};
      reloaded.generation = generation.load(std::memory_order_relaxed);
      wanted = current;
      if (wanted == have) return reloaded;
      if (ready) {
        reloaded.predictor = std::exchange(ready, std::nullopt);
        return reloaded;
      }
    }
    try {
      reloaded.predictor.emplace(wanted, options);
      return reloaded;
    } catch (const std::exception& error) {
      const MutexLock lock{mutex};
      if (!have && !former) throw;
      if (current != wanted) continue;  // somebody swapped or rolled back meanwhile
      last_failure = fmt::format("model {}: {}", wanted->card().name, error.what());
      if (!former) return reloaded;  // the thread keeps the model that it has
      roll_back();
    }
  }
}

ServedModel::ServedModel(std::shared_ptr<const Model> model, const ServeOptions& options)
    : state_(std::make_unique<State>(std::move(model), options)) {}
ServedModel::~ServedModel() = default;

void ServedModel::swap(std::shared_ptr<const Model> next, const Check& check) {
  const MutexLock one_at_a_time{state_->swapping};
  Predictor ready{next, state_->options};
  if (check) check(ready);
  const MutexLock lock{state_->mutex};
  state_->former = std::exchange(state_->current, std::move(next));
  state_->ready.emplace(std::move(ready));
  state_->counters.swaps.fetch_add(1, std::memory_order_relaxed);
  state_->generation.fetch_add(1, std::memory_order_release);
}

bool ServedModel::roll_back() {
  const MutexLock one_at_a_time{state_->swapping};
  const MutexLock lock{state_->mutex};
  if (!state_->former) return false;
  state_->roll_back();
  return true;
}

std::shared_ptr<const Model> ServedModel::current() const {
  const MutexLock lock{state_->mutex};
  return state_->current;
}

std::string ServedModel::last_failure() const {
  const MutexLock lock{state_->mutex};
  return state_->last_failure;
}

ServeCounters ServedModel::counters() const noexcept {
  const State::Counters& from = state_->counters;
  const auto time = [&](State::Stage stage) {
    return std::chrono::microseconds(from.microseconds[stage].load(std::memory_order_relaxed));
  };
  return {.predictions = from.predictions,
          .bad_input = from.bad_input,
          .retries = from.retries,
          .faults = from.faults,
          .passed_over = from.passed_over,
          .batches = from.batches,
          .swaps = from.swaps,
          .roll_backs = from.roll_backs,
          .times = {.wait = time(State::kWait),
                    .decode = time(State::kDecode),
                    .preprocess = time(State::kPreprocess),
                    .inference = time(State::kInference),
                    .encode = time(State::kEncode)}};
}

}  // namespace conveyor::vision
