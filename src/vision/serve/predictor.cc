#include "conveyor/vision/predictor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <exception>
#include <opencv2/core.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/vision/session.h"

namespace conveyor::vision {
namespace {

using std::chrono::duration_cast;
using std::chrono::microseconds;
using std::chrono::steady_clock;
using std::chrono::system_clock;

std::string name_of(const Record& record) {
  return fmt::format("record {} [{}] at offset {}", record.topic, record.partition, record.offset);
}

/// Microseconds from capture, or else from when the record was written, until now; 0 when neither is known.
std::int64_t waited(const v1::Image& image, const Record& record) {
  std::int64_t since = image.capture_time_us();
  if (since <= 0) since = duration_cast<microseconds>(record.timestamp.time_since_epoch()).count();
  if (since <= 0) return 0;
  return std::max<std::int64_t>(0, duration_cast<microseconds>(system_clock::now().time_since_epoch()).count() - since);
}

/// Microseconds since the last call.
class Lap {
 public:
  std::int64_t operator()() {
    const auto now = steady_clock::now();
    return duration_cast<microseconds>(now - std::exchange(last_, now)).count();
  }

 private:
  steady_clock::time_point last_ = steady_clock::now();
};

/// The part of a box that lies in the image; empty when the box lies outside.
Box clip(const Box& box, const cv::Mat& image) {
  const float left = std::clamp(box.x, 0.0F, static_cast<float>(image.cols));
  const float top = std::clamp(box.y, 0.0F, static_cast<float>(image.rows));
  const float right = std::clamp(box.x + box.width, left, static_cast<float>(image.cols));
  const float bottom = std::clamp(box.y + box.height, top, static_cast<float>(image.rows));
  return {left, top, right - left, bottom - top};
}

void add_classifications(const Outcome& outcome, v1::Prediction& prediction) {
  std::vector<const Label*> labels;
  for (const Label& label : outcome.labels()) labels.push_back(&label);
  std::stable_sort(labels.begin(), labels.end(), [](auto* a, auto* b) { return a->score > b->score; });
  for (const Label* label : labels) {
    v1::Classification& one = *prediction.add_classifications();
    one.set_label(label->name);
    one.set_score(static_cast<float>(label->score));
    one.set_index(label->index);
  }
}

void add_detections(const Outcome& outcome, const Sample& sample, const cv::Mat& image, v1::Prediction& prediction) {
  std::vector<const Detection*> detections;
  for (const Detection& found : outcome.detections()) detections.push_back(&found);
  std::stable_sort(detections.begin(), detections.end(),
                   [](auto* a, auto* b) { return a->label.score > b->label.score; });
  for (const Detection* found : detections) {
    const Box box = clip(to_source(found->box, sample), image);
    if (!(box.width > 0 && box.height > 0)) continue;  // also drops NaN, which sums near the largest float give
    v1::Detection& one = *prediction.add_detections();
    one.set_label(found->label.name);
    one.set_score(static_cast<float>(found->label.score));
    one.set_index(found->label.index);
    one.mutable_box()->set_x(box.x);
    one.mutable_box()->set_y(box.y);
    one.mutable_box()->set_width(box.width);
    one.mutable_box()->set_height(box.height);
  }
}

void add_objects(v1::Prediction& prediction) {
  std::vector<std::pair<float, const std::string*>> labels;
  for (const auto& one : prediction.classifications()) labels.emplace_back(one.score(), &one.label());
  for (const auto& one : prediction.detections()) labels.emplace_back(one.score(), &one.label());
  std::stable_sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  for (const auto& [score, label] : labels) {
    const auto& known = prediction.object();
    if (std::find(known.begin(), known.end(), *label) == known.end()) prediction.add_object(*label);
  }
}

/// An image of a batch on its way to the classifier and back. Slots are reused, so that after a while none allocates.
struct Slot {
  cv::Mat buffer;
  Sample decoded;
  Scratch scratch;
  const Sample* sample = nullptr;  // null: the image could not be prepared
};

}  // namespace

struct Predictor::State {
  State(std::shared_ptr<const Model> given, const ServeOptions& options)
      : model(std::move(given)),
        session(model),
        chain(options.steps.parse(options.preprocess.empty() ? session.card().preprocess : options.preprocess)),
        chain_text(chain.text()),
        decode(options.decode) {
    if (!decode) throw Error(errc::invalid_config, "ServeOptions::decode is empty");
    session.check(chain);
  }

  [[nodiscard]] std::optional<Failure> prepare(const Message<v1::Image>& message, Slot& slot, v1::Timings& timings);
  [[nodiscard]] std::optional<Failure> read(const Message<v1::Image>& message, Slot& slot) const;
  void fill(const Message<v1::Image>& message, const Slot& slot, const Outcome& outcome, v1::Prediction& prediction);

  std::shared_ptr<const Model> model;
  Session session;
  PreprocessChain chain;
  std::string chain_text;
  ImageDecoder decode;
  std::deque<Slot> slots;  // a deque: pointers to their samples stay valid
  std::vector<const Sample*> samples;
  std::vector<Outcome> outcomes;
};

/// Runs the decoder. It may be a user's: this is the only place that catches what it throws.
std::optional<Failure> Predictor::State::read(const Message<v1::Image>& message, Slot& slot) const {
  const auto named = [&](const std::string& why) { return fmt::format("{}: {}", name_of(message.record()), why); };
  try {
    const DecodedImage read = decode(message.value(), slot.buffer);
    slot.decoded = {.pixels = read.pixels, .slope = read.slope, .intercept = read.intercept, .range = read.range};
    return {};
  } catch (const Error& error) {
    const std::string reason = named(error.what());
    if (error.retryable()) return Failure{Outcome::Kind::kRetryable, reason};
    if (error.code() == errc::decode) return Failure{Outcome::Kind::kBadInput, reason};
    return Failure{Outcome::Kind::kFault, reason, std::make_exception_ptr(Error(error.code(), reason))};
  } catch (const cv::Exception& error) {
    return Failure{Outcome::Kind::kBadInput, named(error.err)};
  } catch (const std::exception& error) {
    return Failure{Outcome::Kind::kFault, named(error.what()), std::current_exception()};
  } catch (...) {
    return Failure{Outcome::Kind::kFault, named("the decoder threw something that is not a std::exception"),
                   std::current_exception()};
  }
}

std::optional<Failure> Predictor::State::prepare(const Message<v1::Image>& message, Slot& slot, v1::Timings& timings) {
  Lap lap;
  if (auto failed = read(message, slot)) return failed;
  timings.set_decode_us(lap());
  Failure failure;
  slot.sample = chain.try_run(slot.decoded, slot.scratch, failure);
  timings.set_preprocess_us(lap());
  if (slot.sample != nullptr) return {};
  failure.reason = fmt::format("{}: {}", name_of(message.record()), failure.reason);
  return failure;
}

/// @param outcome a prediction
void Predictor::State::fill(const Message<v1::Image>& message, const Slot& slot, const Outcome& outcome,
                            v1::Prediction& prediction) {
  const ModelCard& card = session.card();
  prediction.set_frame(message.value().frame());
  add_classifications(outcome, prediction);
  add_detections(outcome, *slot.sample, slot.decoded.pixels, prediction);
  add_objects(prediction);
  prediction.mutable_model()->set_name(card.name);
  prediction.mutable_model()->set_version(card.version);
  prediction.mutable_model()->set_sha256(card.sha256);
  prediction.set_preprocess(chain_text);
  v1::InputRecord& input = *prediction.mutable_input();
  input.set_topic(std::string(message.topic()));
  input.set_partition(message.partition());
  input.set_offset(message.offset());
  input.set_uuid(std::string(message.metadata().uuid));
}

Predictor::Predictor(std::shared_ptr<const Model> model, const ServeOptions& options)
    : state_(std::make_unique<State>(std::move(model), options)) {}
Predictor::~Predictor() = default;
Predictor::Predictor(Predictor&&) noexcept = default;
Predictor& Predictor::operator=(Predictor&&) noexcept = default;

const std::shared_ptr<const Model>& Predictor::model() const noexcept { return state_->model; }

v1::Prediction Predictor::operator()(const Message<v1::Image>& message) {
  const std::array messages{&message};
  std::array<Result, 1> results;
  (*this)(messages, results);
  if (results[0].failure) std::rethrow_exception(results[0].failure->as_exception());
  return std::move(results[0].prediction);
}

void Predictor::operator()(std::span<const Message<v1::Image>* const> messages, std::span<Result> results) {
  if (messages.size() != results.size()) {
    throw Error(errc::invalid_config, fmt::format("{} messages and {} results", messages.size(), results.size()));
  }
  State& s = *state_;
  while (s.slots.size() < messages.size()) s.slots.emplace_back();
  s.samples.clear();
  for (std::size_t i = 0; i < messages.size(); ++i) {
    const Message<v1::Image>& message = *messages[i];
    Result& result = results[i];
    result.prediction.Clear();
    result.failure.reset();
    s.slots[i].sample = nullptr;
    v1::Timings& timings = *result.prediction.mutable_timings();
    timings.set_wait_us(waited(message.value(), message.record()));
    result.failure = s.prepare(message, s.slots[i], timings);
    if (!result.failure) s.samples.push_back(s.slots[i].sample);
  }

  Lap lap;
  s.outcomes.resize(s.samples.size());
  if (!s.samples.empty()) s.session.classify(s.samples, s.outcomes);
  const auto inference_us = lap();
  std::size_t prepared = 0;
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (results[i].failure) continue;
    results[i].prediction.mutable_timings()->set_inference_us(inference_us);
    const Outcome& outcome = s.outcomes[prepared++];
    if (outcome.kind() == Outcome::Kind::kPrediction) {
      s.fill(*messages[i], s.slots[i], outcome, results[i].prediction);
    } else {
      results[i].failure = Failure{outcome.kind(), fmt::format("{}: classifier {}: {}", name_of(messages[i]->record()),
                                                               s.session.card().name, outcome.reason())};
    }
  }
}

}  // namespace conveyor::vision
