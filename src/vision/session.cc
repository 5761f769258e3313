#include "conveyor/vision/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <opencv2/core.hpp>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/preprocess.h"
#include "core/utf8.h"
#include "vision/describe.h"

namespace conveyor::vision {
namespace {

std::string describe(const InputSpec& input) {
  const auto side = [](int pixels) { return pixels == 0 ? "any" : std::to_string(pixels); };
  return fmt::format("{} x {}, {} channels, {}", side(input.width), side(input.height), side(input.channels),
                     input.depth < 0 ? "any depth" : depth_name(input.depth));
}

bool fits(const InputSpec& input, const cv::Mat& image) {
  return !image.empty() && image.dims == 2 && (input.width == 0 || image.cols == input.width) &&
         (input.height == 0 || image.rows == input.height) &&
         (input.channels == 0 || image.channels() == input.channels) &&
         (input.depth < 0 || image.depth() == input.depth);
}

/// Noise that is the same every time: a picture of one colour may leave a classifier with nothing to scale by.
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

/// What is wrong with an outcome that the classifier says is a prediction, or nothing.
std::string wrong_with(const Outcome& outcome, const ModelCard& card) {
  const auto wrong_label = [&](const Label& label) -> std::string {
    constexpr std::size_t kQuoted = 100;
    if (!is_utf8(label.name)) {  // protobuf sends it, and refuses to read it
      return fmt::format("the label \"{}\" is not UTF-8", to_utf8(label.name, kQuoted));
    }
    if (!std::isfinite(static_cast<float>(label.score))) {  // predictions carry floats
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
  // What is open counts as one: the warm-up makes a picture of the shape, and a plugin may declare anything.
  const std::int64_t least = std::int64_t{std::max(input_.width, 1)} * std::max(input_.height, 1);
  const bool legal = least <= kMaxImagePixels && input_.width >= 0 && input_.width <= kMaxImageSide &&
                     input_.height >= 0 && input_.height <= kMaxImageSide && input_.channels >= 0 &&
                     input_.channels <= 4 && input_.depth >= -1 && input_.depth <= CV_16F && input_.max_batch >= 0;
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
  classify(images, outcomes);
  if (outcomes[0].kind() == Outcome::Kind::kFault) {
    throw Error(errc::invalid_config, fmt::format("classifier {} failed its warm-up on a picture of {}: {}",
                                                  card().name, vision::describe(images[0]), outcomes[0].reason()));
  }
}

void Session::check(const PreprocessChain& chain) const {
  std::vector<cv::Mat> pictures{noise(160, 120, 3, CV_8U), noise(160, 120, 1, CV_8U), noise(160, 120, 1, CV_16U),
                                noise(160, 120, 3, CV_16U), noise(160, 120, 4, CV_8U)};
  // Images that already have the size asked for, where the chain leaves it alone.
  if (const int width = input_.width ? input_.width : 160, height = input_.height ? input_.height : 120;
      width != 160 || height != 120) {
    for (std::size_t i = 0, n = pictures.size(); i < n; ++i) {
      pictures.push_back(noise(width, height, pictures[i].channels(), pictures[i].depth()));
    }
  }
  Scratch scratch;
  std::string given;
  for (const cv::Mat& picture : pictures) {
    try {
      const Sample& sample = chain.run({.pixels = picture}, scratch);
      if (fits(input_, sample.pixels)) return;
      if (given.empty()) given = vision::describe(sample.pixels);
    } catch (const DecodeError&) {
      continue;  // a step may refuse this kind of picture; another kind may pass
    }
  }
  if (given.empty()) return;  // every step's refusal is of our pictures, and says nothing of real ones
  throw Error(
      errc::invalid_config,
      fmt::format("classifier {} takes images of {}; the preprocess chain \"{}\" gives {}; put resize, letterbox, "
                  "color or rescale at its end",
                  card().name, describe(input_), chain.text(), given));
}

void Session::classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) {
  if (images.size() != outcomes.size()) {
    throw Error(errc::invalid_config, fmt::format("{} images and {} outcomes", images.size(), outcomes.size()));
  }
  const auto wrong = [&](std::size_t i) { return !fits(input_, images[i]); };
  for (std::size_t begin = 0; begin < images.size();) {
    if (wrong(begin)) {
      outcomes[begin].reset();
      outcomes[begin].bad_input(fmt::format("classifier {} takes images of {}; this one is {}", card().name,
                                            describe(input_), vision::describe(images[begin])));
      ++begin;
      continue;
    }
    std::size_t end = begin + 1;
    const std::size_t limit = input_.max_batch == 0 ? images.size() : static_cast<std::size_t>(input_.max_batch);
    while (end < images.size() && end - begin < limit && !wrong(end)) ++end;
    run_batch(images.subspan(begin, end - begin), outcomes.subspan(begin, end - begin));
    begin = end;
  }
}

void Session::run_batch(std::span<const cv::Mat> images, std::span<Outcome> outcomes) {
  try {
    run(images, outcomes);
    return;
  } catch (const Error& error) {
    if (images.size() == 1) {
      outcomes[0].reset();
      if (error.retryable()) return outcomes[0].retry(error.what());
      if (error.code() == errc::decode) return outcomes[0].bad_input(error.what());
      return outcomes[0].fault(fmt::format("it threw: {}", error.what()));
    }
  } catch (const cv::Exception& error) {
    if (images.size() == 1) return outcomes[0].fault(fmt::format("it threw: {}", error.err));
  } catch (const std::exception& error) {
    if (images.size() == 1) return outcomes[0].fault(fmt::format("it threw: {}", error.what()));
  } catch (...) {
    if (images.size() == 1) return outcomes[0].fault("it threw something that is not a std::exception");
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
