#include "conveyor/vision/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <exception>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "conveyor/vision/network_input.h"
#include "conveyor/vision/preprocess.h"
#include "vision/image/image_shape.h"
#include "vision/image/input_conversion.h"

namespace conveyor::vision {
namespace {

/// Noise, the same every time. A picture of one colour would not do: a classifier that scales by the range of values
/// would divide by 0.
cv::Mat noise(int width, int height, int channels, int depth) {
  cv::Mat image(height, width, CV_MAKETYPE(depth, channels));
  cv::RNG random(1);
  const bool floating = depth == CV_32F || depth == CV_64F || depth == CV_16F;
  if (depth == CV_16F) {
    cv::Mat wide(height, width, CV_MAKETYPE(CV_32F, channels));
    random.fill(wide, cv::RNG::UNIFORM, 0, 1);
    wide.convertTo(image, CV_16F);
  } else {
    random.fill(image, cv::RNG::UNIFORM, 0, floating ? 1 : 128);
  }
  return image;
}

/// What became of an image whose classifier threw the exception that is being handled.
void take_exception(Outcome& outcome) {
  outcome.reset();
  try {
    throw;
  } catch (const Error& error) {
    if (error.retryable()) return outcome.retry(error.what());
    if (error.code() == errc::decode) return outcome.bad_input(error.what());
    outcome.fault(fmt::format("it threw: {}", error.what()));
  } catch (const cv::Exception& error) {
    outcome.fault(fmt::format("it threw: {}", error.err));
  } catch (const std::exception& error) {
    outcome.fault(fmt::format("it threw: {}", error.what()));
  } catch (...) {
    outcome.fault("it threw something that is not a std::exception");
  }
}

/// What is wrong with an outcome that the classifier says is a prediction, or nothing.
std::string wrong_with(const Outcome& outcome, const ModelCard& card) {
  const auto wrong_label = [&](const Label& label) -> std::string {
    constexpr std::size_t kQuoted = 100;
    if (!is_utf8(label.name)) {  // protobuf would send it, and no reader could parse it
      return fmt::format("the label \"{}\" is not UTF-8", to_utf8(label.name, kQuoted));
    }
    if (!std::isfinite(static_cast<float>(label.score))) {  // a Prediction carries floats
      return fmt::format("the score of label \"{}\" is {}", to_utf8(label.name, kQuoted), label.score);
    }
    const auto known = static_cast<std::int64_t>(card.labels.size());
    if (label.index < -1 || (known > 0 && label.index >= known)) {
      return fmt::format("the index of label \"{}\" is {}; the model has {} labels", to_utf8(label.name, kQuoted),
                         label.index, known);
    }
    return {};
  };
  for (const Label& label : outcome.labels()) {
    if (auto wrong = wrong_label(label); !wrong.empty()) return wrong;
  }
  for (const Detection& found : outcome.detections()) {
    if (auto wrong = wrong_label(found.label); !wrong.empty()) return wrong;
    const Box& box = found.box;
    const bool finite =
        std::isfinite(box.x) && std::isfinite(box.y) && std::isfinite(box.width) && std::isfinite(box.height);
    if (!finite || box.width < 0 || box.height < 0) {
      return fmt::format("the box of \"{}\" is {} x {} at ({}, {})", found.label.name, box.width, box.height, box.x,
                         box.y);
    }
  }
  return {};
}

}  // namespace

Session::Session(std::shared_ptr<const Model> model) : model_(std::move(model)) {
  if (!model_) throw Error(errc::invalid_config, "no model was given");
  classifier_ = model_->new_classifier();
  const std::string& name = card().name;
  if (!classifier_) throw Error(errc::invalid_config, fmt::format("model {} made no classifier", name));
  input_ = classifier_->input();
  // The warm-up allocates a picture of the declared shape, and a plugin may declare anything: limit it. A side that is
  // left open counts as 1.
  const std::int64_t least = std::int64_t{std::max(input_.width, 1)} * std::max(input_.height, 1);
  const bool legal = least <= kMaxImagePixels && input_.width >= 0 && input_.width <= kMaxImageSide &&
                     input_.height >= 0 && input_.height <= kMaxImageSide && input_.channels >= 0 &&
                     input_.channels <= 4 && input_.depth >= -1 && input_.depth <= CV_16F && input_.max_batch >= 0 &&
                     std::isfinite(input_.white) && input_.white >= 0;
  if (!legal) throw Error(errc::invalid_config, fmt::format("classifier {} declares an impossible input", name));
  warm_up();
}
Session::~Session() = default;
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;

void Session::warm_up() {
  const std::array images{noise(input_.width ? input_.width : 640, input_.height ? input_.height : 480,
                                input_.channels ? input_.channels : 3, input_.depth < 0 ? CV_8U : input_.depth)};
  std::array<Outcome, 1> outcomes;
  run_batch(images, outcomes);
  if (outcomes[0].kind() == Outcome::Kind::kFault) {
    throw Error(errc::invalid_config, fmt::format("classifier {} failed its warm-up on a picture of {}: {}",
                                                  card().name, vision::describe(images[0]), outcomes[0].reason()));
  }
}

namespace {

/// Pictures of several sizes, channels and ranges, as decoders give them.
std::vector<Sample> synthetic_pictures(const InputSpec& input) {
  std::vector<Sample> pictures;
  const auto add = [&](int width, int height) {
    for (const int channels : {3, 1, 4}) pictures.push_back({.pixels = noise(width, height, channels, CV_8U)});
    for (const int channels : {1, 3}) pictures.push_back({.pixels = noise(width, height, channels, CV_16U)});
    for (int bits = 9; bits < 16; ++bits) {
      pictures.push_back({.pixels = noise(width, height, 1, CV_16U), .range = PixelRange::levels((1 << bits) - 1)});
    }
  };
  add(160, 120);
  // A chain that does not resize needs pictures that already have the size.
  const int width = input.width ? input.width : 160, height = input.height ? input.height : 120;
  if (width != 160 || height != 120) add(width, height);
  return pictures;
}

}  // namespace

void Session::check(const PreprocessChain& chain) const {
  Scratch scratch;
  std::string given, refused;
  for (const Sample& picture : synthetic_pictures(input_)) {
    Failure failure;
    const Sample* sample = chain.try_run(picture, scratch, failure);
    if (sample == nullptr) {
      // A step may refuse this kind of picture; another kind may pass.
      if (failure.kind == Outcome::Kind::kBadInput) continue;
      std::rethrow_exception(failure.as_exception());
    }
    const std::string why = refusal(*sample);
    if (why.empty()) return;
    if (refused.empty() && is_shape(input_, sample->pixels)) refused = why;
    if (given.empty()) given = vision::describe(sample->pixels);
  }
  if (!refused.empty()) {
    throw Error(errc::invalid_config,
                fmt::format("classifier {} and the preprocess chain \"{}\" do not go together: it {}", card().name,
                            chain.text(), refused));
  }
  if (given.empty()) return;  // steps refused all of our pictures, which says nothing of real ones
  throw Error(
      errc::invalid_config,
      fmt::format("classifier {} takes images of {}; the preprocess chain \"{}\" gives {}; put resize, letterbox, "
                  "color or rescale at its end",
                  card().name, vision::describe(input_), chain.text(), given));
}

std::string Session::refusal(const Sample& sample) const {
  if (!is_shape(input_, sample.pixels)) return mismatch(input_, sample);
  std::string own = classifier_->refusal(sample);
  return own.empty() ? mismatch(input_, sample) : own;
}

std::string Session::conversion(const Sample& sample) const {
  if (const std::string why = refusal(sample); !why.empty()) {
    throw DecodeError(fmt::format("classifier {} {}", card().name, why));
  }
  return vision::describe(conversion_for(input_, sample), input_, sample);
}

std::vector<NetworkInput> Session::network_inputs(const Sample& sample) {
  if (const std::string why = refusal(sample); !why.empty()) {
    throw DecodeError(fmt::format("classifier {} {}", card().name, why));
  }
  const InputConversion conversion = conversion_for(input_, sample);
  cv::Mat buffer;
  const cv::Mat image = convert(conversion, sample.pixels, buffer);
  std::vector<NetworkInput> inputs;
  classifier_->add_network_inputs(image, inputs);
  if (inputs.empty()) {
    NetworkInput& pixels = inputs.emplace_back();
    pixels.name = card().name;
    pixels.tensor = image.clone();
    pixels.channels_last = true;
    if (image.channels() >= 3) pixels.order = sample.rgb != conversion.turns ? ChannelOrder::kRgb : ChannelOrder::kBgr;
  }
  for (NetworkInput& input : inputs) {
    input.range = input_.white != 0 ? PixelRange::levels(input_.white) : range_of(sample);
  }
  return inputs;
}

void Session::classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) {
  std::vector<Sample> samples;
  for (const cv::Mat& image : images) samples.push_back({.pixels = image});
  std::vector<const Sample*> pointers;
  for (const Sample& sample : samples) pointers.push_back(&sample);
  classify(std::span<const Sample* const>(pointers), outcomes);
}

void Session::classify(std::span<const Sample* const> samples, std::span<Outcome> outcomes) {
  if (samples.size() != outcomes.size()) {
    throw Error(errc::invalid_config, fmt::format("{} images and {} outcomes", samples.size(), outcomes.size()));
  }
  if (converted_.size() < samples.size()) converted_.resize(samples.size());
  images_.resize(samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) prepare(*samples[i], images_[i], converted_[i], outcomes[i]);
  const std::span<const cv::Mat> images(images_);
  const std::size_t limit = input_.max_batch == 0 ? images.size() : static_cast<std::size_t>(input_.max_batch);
  for (std::size_t begin = 0; begin < images.size();) {
    std::size_t end = begin;
    while (end < images.size() && end - begin < limit && !images[end].empty()) ++end;
    if (end == begin) {
      ++begin;  // refused
      continue;
    }
    run_batch(images.subspan(begin, end - begin), outcomes.subspan(begin, end - begin));
    begin = end;
  }
  images_.clear();  // so that the owners of the pixels can use their memory again
}

/// Leaves `image` empty where the classifier must not get it; `outcome` then says why.
void Session::prepare(const Sample& sample, cv::Mat& image, cv::Mat& buffer, Outcome& outcome) const {
  outcome.reset();
  image.release();
  try {
    if (const std::string why = refusal(sample); !why.empty()) {
      outcome.bad_input(fmt::format("classifier {} {}", card().name, why));
      return;
    }
  } catch (...) {
    return take_exception(outcome);
  }
  try {
    image = convert(conversion_for(input_, sample), sample.pixels, buffer);
  } catch (const cv::Exception& error) {
    outcome.bad_input(fmt::format("pixels ({}) cannot be converted: {}", vision::describe(sample), error.err));
  }
}

void Session::run_batch(std::span<const cv::Mat> images, std::span<Outcome> outcomes) {
  try {
    run(images, outcomes);
    return;
  } catch (...) {
    if (images.size() == 1) return take_exception(outcomes[0]);
  }
  for (std::size_t i = 0; i < images.size(); ++i) run_batch(images.subspan(i, 1), outcomes.subspan(i, 1));
}

void Session::run(std::span<const cv::Mat> images, std::span<Outcome> outcomes) {
  for (Outcome& outcome : outcomes) outcome.reset();
  classifier_->classify(images, outcomes);
  for (Outcome& outcome : outcomes) {
    if (outcome.kind() == Outcome::Kind::kUnset) {
      outcome.fault("it left the outcome unset; nothing_found() says that there is nothing");
    } else if (outcome.kind() == Outcome::Kind::kPrediction) {
      if (auto wrong = wrong_with(outcome, card()); !wrong.empty()) outcome.fault(wrong);
    }
  }
}

}  // namespace conveyor::vision
