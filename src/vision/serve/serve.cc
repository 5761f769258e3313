#include "conveyor/vision/serve.h"

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/v1/processed_image.pb.h"
#include "conveyor/vision/served_model.h"
#include "conveyor/worker.h"
#include "vision/serve/freshness.h"
#include "vision/serve/served_model_state.h"

namespace conveyor::vision {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

/// What one of the worker's threads has of the service.
class ServingThread {
 public:
  explicit ServingThread(std::shared_ptr<ServedModel> served) : served_(std::move(served)), state_(*served_->state_) {
    renew();
  }

  /// Predicts, counts, and sends each prediction with `send`, called with its index. What fails is left in results().
  template <class Send>
  void predict(std::span<const Message<v1::Image>* const> messages, Send send) {
    if (generation_ != state_.generation.load(std::memory_order_acquire)) renew();
    results_.resize(messages.size());
    const std::span results{results_};
    (*predictor_)(messages, results);
    auto& counters = state_.counters;
    if (!messages.empty()) counters.batches.fetch_add(1, std::memory_order_relaxed);
    std::int64_t inference_us = 0;
    for (std::size_t i = 0; i < messages.size(); ++i) {
      Predictor::Result& result = results[i];
      if (result.failure) {
        count_failure(result.failure);
        continue;
      }
      const v1::Timings& timings = result.prediction.timings();
      inference_us = timings.inference_us();
      add(ServedModel::State::kWait, timings.wait_us());
      add(ServedModel::State::kDecode, timings.decode_us());
      add(ServedModel::State::kPreprocess, timings.preprocess_us());
      const auto before = steady_clock::now();
      try {
        send(i, result.prediction);
      } catch (...) {
        result.failure = std::current_exception();
        continue;
      }
      add(ServedModel::State::kEncode, duration_cast<microseconds>(steady_clock::now() - before).count());
      counters.predictions.fetch_add(1, std::memory_order_relaxed);
    }
    add(ServedModel::State::kInference, inference_us);
  }

  [[nodiscard]] std::span<Predictor::Result> results() noexcept { return results_; }
  [[nodiscard]] const ServeOptions& options() const noexcept { return state_.options; }
  void pass_over() { state_.counters.passed_over.fetch_add(1, std::memory_order_relaxed); }

 private:
  void renew() {
    auto renewal = state_.renew(predictor_ ? predictor_->model() : nullptr);
    if (renewal.predictor) predictor_ = std::move(renewal.predictor);
    generation_ = renewal.generation;
  }

  void add(ServedModel::State::Stage stage, std::int64_t time) {
    state_.counters.microseconds[stage].fetch_add(time, std::memory_order_relaxed);
  }

  void count_failure(const std::exception_ptr& failure) {
    auto& counters = state_.counters;
    try {
      std::rethrow_exception(failure);
    } catch (const Error& error) {
      auto& counter = error.retryable()              ? counters.retries
                      : error.code() == errc::decode ? counters.bad_input
                                                     : counters.faults;
      counter.fetch_add(1, std::memory_order_relaxed);
    } catch (...) {
      counters.faults.fetch_add(1, std::memory_order_relaxed);
    }
  }

  std::shared_ptr<ServedModel> served_;
  ServedModel::State& state_;
  std::optional<Predictor> predictor_;
  std::uint64_t generation_ = 0;
  std::vector<Predictor::Result> results_;
};

namespace {

using Messages = std::vector<const Message<v1::Image>*>;

/// The handler of one thread; Out is what `make` turns a message and its prediction into.
template <class Out, class Make>
class Serving {
 public:
  Serving(std::shared_ptr<ServedModel> served, Channel<Out> output, Make make)
      : thread_(std::move(served)), output_(std::move(output)), make_(std::move(make)) {}

  void operator()(const Message<v1::Image>& message, Context& context) {
    messages_.assign({&message});
    thread_.predict(
        messages_, [&](std::size_t, v1::Prediction& prediction) { context.send(output_, make_(message, prediction)); });
    if (const auto& failure = thread_.results()[0].failure) std::rethrow_exception(failure);
  }

  void operator()(std::span<BatchItem<v1::Image>> items) {
    messages_.clear();
    chosen_.clear();
    const std::vector<bool> wanted = choose(items);
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (wanted[i]) {
        messages_.push_back(&items[i].message());
        chosen_.push_back(&items[i]);
      } else {
        thread_.pass_over();
      }
    }
    thread_.predict(messages_, [&](std::size_t i, v1::Prediction& prediction) {
      chosen_[i]->context().send(output_, make_(*messages_[i], prediction));
    });
    for (std::size_t i = 0; i < chosen_.size(); ++i) {
      if (const auto& failure = thread_.results()[i].failure) chosen_[i]->fail(failure);
    }
  }

 private:
  [[nodiscard]] std::vector<bool> choose(std::span<const BatchItem<v1::Image>> items) const {
    if (!thread_.options().freshness) return std::vector<bool>(items.size(), true);
    const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch());
    std::vector<Frame> frames;
    for (const auto& item : items) {
      const Message<v1::Image>& message = item.message();
      const microseconds captured{message.value().capture_time_us()};
      frames.push_back({.topic = message.topic(),
                        .partition = message.partition(),
                        .source = message.value().source(),
                        .age = captured.count() > 0 ? now - captured : microseconds(0)});
    }
    return worthwhile(frames, thread_.options().freshness->max_age);
  }

  ServingThread thread_;
  Channel<Out> output_;
  Make make_;
  Messages messages_;
  std::vector<BatchItem<v1::Image>*> chosen_;
};

template <class Out, class Make>
std::shared_ptr<ServedModel> add(Worker& worker, const Channel<v1::Image>& images, const Channel<Out>& output,
                                 std::shared_ptr<const Model> model, const ServeOptions& options, Make make) {
  auto served = std::make_shared<ServedModel>(std::move(model), options);
  const auto make_handler = [served, output, make] { return Serving<Out, Make>(served, output, make); };
  if (options.batch.max_batch == 1) {
    worker.handle(images, per_thread(make_handler));
  } else {
    worker.handle_batch(images, per_thread(make_handler), options.batch);
  }
  return served;
}

}  // namespace

std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                   const Channel<v1::Prediction>& predictions, std::shared_ptr<const Model> model,
                                   const ServeOptions& options) {
  return add(worker, images, predictions, std::move(model), options,
             [](const Message<v1::Image>&, v1::Prediction& prediction) -> const v1::Prediction& { return prediction; });
}

std::shared_ptr<ServedModel> serve(Worker& worker, const Channel<v1::Image>& images,
                                   const Channel<v1::ProcessedImage>& processed, std::shared_ptr<const Model> model,
                                   const ServeOptions& options) {
  return add(worker, images, processed, std::move(model), options,
             [](const Message<v1::Image>& message, v1::Prediction& prediction) {
               v1::ProcessedImage out;
               out.mutable_prediction()->Swap(&prediction);
               *out.mutable_image() = message.value();
               return out;
             });
}

}  // namespace conveyor::vision
