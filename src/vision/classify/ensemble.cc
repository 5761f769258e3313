#include "conveyor/vision/ensemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <opencv2/core/mat.hpp>
#include <span>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "conveyor/vision/preprocess.h"
#include "vision/classify/non_maximum_suppression.h"
#include "vision/sha256.h"

namespace conveyor::vision {
namespace {

using Combine = EnsembleOptions::Combine;
using Members = std::vector<std::shared_ptr<const Model>>;

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

std::string text_of(ChannelOrder order) { return order == ChannelOrder::kRgb ? "RGB" : "BGR"; }
std::string text_of(double number) { return fmt::format("{:.6g}", number); }
std::string text_of(int number) { return std::to_string(number); }

/// The value that fits both members. @throws Error when none does
InputSpec common(const InputSpec& a, const InputSpec& b) {
  const auto both = [](auto left, auto right, decltype(left) any, const char* what) {
    if (left == any) return right;
    if (right != any && right != left) {
      invalid(fmt::format("the members of an ensemble take images of different {}: {} and {}", what, text_of(left),
                          text_of(right)));
    }
    return left;
  };
  InputSpec input{.width = both(a.width, b.width, 0, "width"),
                  .height = both(a.height, b.height, 0, "height"),
                  .channels = both(a.channels, b.channels, 0, "channels"),
                  .depth = both(a.depth, b.depth, -1, "depth"),
                  .max_batch = std::max(a.max_batch, b.max_batch),
                  .order = both(a.order, b.order, ChannelOrder::kAny, "channel orders"),
                  .white = both(a.white, b.white, 0.0, "values of white")};
  if (a.max_batch != 0 && b.max_batch != 0) input.max_batch = std::min(a.max_batch, b.max_batch);
  return input;
}

class Ensemble final : public Classifier {
 public:
  Ensemble(const Members& members, std::string name, std::vector<std::string> labels, const EnsembleOptions& options)
      : name_(std::move(name)), labels_(std::move(labels)), options_(options) {
    for (const auto& member : members) {
      classifiers_.push_back(member->new_classifier());
      if (!classifiers_.back()) invalid(fmt::format("model {} made no classifier", member->card().name));
      names_.push_back(member->card().name);
      input_ = common(input_, classifiers_.back()->input());
    }
    answers_.resize(classifiers_.size());
  }

  std::string_view name() const override { return name_; }
  InputSpec input() const override { return input_; }

  std::string refusal(const Sample& sample) const override {
    // The Session has by then brought levels to the white that all members have in common.
    Sample brought = sample;
    if (input_.white != 0 && range_of(sample).kind == PixelRange::Kind::kLevels) {
      brought.range = PixelRange::levels(input_.white);
    }
    for (std::size_t m = 0; m < classifiers_.size(); ++m) {
      const std::string why = classifiers_[m]->refusal(brought);
      if (!why.empty()) return fmt::format("has a member, {}, that {}", names_[m], why);
    }
    return {};
  }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t m = 0; m < classifiers_.size(); ++m) {
      answers_[m].resize(images.size());
      for (Outcome& answer : answers_[m]) answer.reset();
      classifiers_[m]->classify(images, answers_[m]);
    }
    for (std::size_t i = 0; i < images.size(); ++i) combine(i, outcomes[i]);
  }

  void add_network_inputs(const cv::Mat& image, std::vector<NetworkInput>& inputs) override {
    for (const auto& classifier : classifiers_) classifier->add_network_inputs(image, inputs);
  }

 private:
  void combine(std::size_t image, Outcome& outcome) {
    for (std::size_t m = 0; m < classifiers_.size(); ++m) {
      const Outcome& answer = answers_[m][image];
      const auto reason = [&](std::string_view why) { return fmt::format("member {}: {}", names_[m], why); };
      if (answer.kind() == Outcome::Kind::kUnset) return outcome.fault(reason("it left the outcome unset"));
      if (answer.kind() == Outcome::Kind::kFault) return outcome.fault(reason(answer.reason()));
      if (answer.kind() == Outcome::Kind::kBadInput) return outcome.bad_input(reason(answer.reason()));
      if (answer.kind() == Outcome::Kind::kRetryable) return outcome.retry(reason(answer.reason()));
    }
    outcome.nothing_found();
    add_labels(image, outcome);
    add_detections(image, outcome);
  }

  void add_labels(std::size_t image, Outcome& outcome) {
    scores_.clear();
    const double part = 1.0 / static_cast<double>(classifiers_.size());
    for (const auto& answers : answers_) {
      const std::vector<Label>& labels = answers[image].labels();
      if (labels.empty()) continue;
      if (options_.combine == Combine::kMean) {
        for (const Label& label : labels) scores_[label.name] += part * label.score;
      } else {
        // A score that is not a number must be seen.
        const auto rank = [](const Label& label) {
          return std::isnan(label.score) ? std::numeric_limits<double>::infinity() : label.score;
        };
        const Label& surest = *std::max_element(labels.begin(), labels.end(),
                                                [&](const Label& a, const Label& b) { return rank(a) < rank(b); });
        scores_[surest.name] += std::isnan(surest.score) ? surest.score : part;
      }
    }
    for (const auto& [name, score] : scores_) outcome.add_label(name, score, index_of(name));
  }

  void add_detections(std::size_t image, Outcome& outcome) {
    found_.clear();
    for (const auto& answers : answers_) {
      const auto& detections = answers[image].detections();
      found_.insert(found_.end(), detections.begin(), detections.end());
    }
    suppress(found_, options_.max_overlap, found_.size());
    for (const auto& [label, box] : found_) outcome.add_detection(label.name, label.score, box, index_of(label.name));
  }

  int index_of(const std::string& name) const {
    const auto found = std::find(labels_.begin(), labels_.end(), name);
    return found == labels_.end() ? -1 : static_cast<int>(found - labels_.begin());
  }

  std::string name_;
  std::vector<std::string> labels_;
  EnsembleOptions options_;
  std::vector<std::unique_ptr<Classifier>> classifiers_;
  std::vector<std::string> names_;
  InputSpec input_;
  std::vector<std::vector<Outcome>> answers_;
  std::map<std::string, double> scores_;
  std::vector<Detection> found_;
};

ModelCard card_of(const Members& members, const EnsembleOptions& options) {
  ModelCard card{.name = options.name.empty() ? "ensemble" : options.name, .preprocess = options.preprocess};
  std::string digests;
  for (const auto& member : members) {
    const ModelCard& one = member->card();
    card.version +=
        fmt::format("{}{}{}{}", card.version.empty() ? "" : "+", one.name, one.version.empty() ? "" : "-", one.version);
    digests += fmt::format("{}\n{}\n{}\n", one.name, one.version, one.sha256);
    for (const std::string& label : one.labels) {
      if (std::find(card.labels.begin(), card.labels.end(), label) == card.labels.end()) card.labels.push_back(label);
    }
    if (!one.engine.empty() && card.engine.find(one.engine) == std::string::npos) {
      card.engine += (card.engine.empty() ? "" : "; ") + one.engine;
    }
    const std::string& first = members.front()->card().preprocess;
    if (options.preprocess.empty() && one.preprocess != first) {
      invalid(
          fmt::format("the members of an ensemble need different preprocess chains, \"{}\" and \"{}\"; set "
                      "EnsembleOptions::preprocess to one that suits all",
                      first, one.preprocess));
    }
  }
  if (card.preprocess.empty()) card.preprocess = members.front()->card().preprocess;
  card.sha256 = sha256(digests);
  return card;
}

}  // namespace

std::shared_ptr<const Model> ensemble(Members members, const EnsembleOptions& options) {
  if (members.empty()) invalid("an ensemble needs members");
  if (std::find(members.begin(), members.end(), nullptr) != members.end()) invalid("a member of an ensemble is null");
  if (!(options.max_overlap >= 0 && options.max_overlap <= 1)) {
    invalid("EnsembleOptions::max_overlap must be from 0 to 1");
  }
  ModelCard card = card_of(members, options);
  const auto make = [members = std::move(members), name = card.name, labels = card.labels, options] {
    return std::make_unique<Ensemble>(members, name, labels, options);
  };
  (void)make();  // members that do not fit together are refused now, not when the worker starts
  return make_model(std::move(card), make);
}

}  // namespace conveyor::vision
