#include "conveyor/vision/onnx.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "vision/onnx/onnx_activation.h"
#include "vision/onnx/onnx_network.h"

namespace conveyor::vision {
namespace {

class OnnxClassifier final : public Classifier {
 public:
  OnnxClassifier(std::shared_ptr<const OnnxNetwork> network, std::unique_ptr<OnnxEngine> engine)
      : runner_(std::move(network), std::move(engine)) {}

  std::string_view name() const override { return runner_.network().card.name; }
  InputSpec input() const override { return runner_.input(); }
  std::string refusal(const Sample& sample) const override { return runner_.refusal(sample); }
  void add_network_inputs(const cv::Mat& image, std::vector<NetworkInput>& inputs) override {
    inputs.push_back(runner_.network_input(image));
  }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    runner_.run(images, [&](std::size_t i, const auto& outputs) { answer(scores_of(outputs), outcomes[i]); });
  }

  /// Runs the network once, and checks its output. @throws Error or cv::Exception
  void try_out() { (void)scores_of(runner_.try_out()); }

 private:
  std::span<const float> scores_of(const std::vector<OnnxOutput>& outputs) const {
    if (outputs.size() != 1) {
      std::vector<std::string_view> names;
      for (const OnnxValue& output : runner_.network().outputs) names.push_back(output.name);
      throw Error(
          errc::invalid_config,
          fmt::format("it has {} outputs, not one: name the one of scores with outputs, in its options or card. "
                      "They are {}",
                      outputs.size(), to_utf8(fmt::format("{}", fmt::join(names, ", ")), 1000)));
    }
    const auto& [shape, scores] = outputs[0];
    const std::int64_t longest = shape.empty() ? 0 : *std::max_element(shape.begin(), shape.end());
    if (longest <= 0 || scores.size() != static_cast<std::size_t>(longest)) {
      throw Error(errc::invalid_config, fmt::format("its output is {}, not one vector of scores", shape_text(shape)));
    }
    const std::vector<std::string>& labels = runner_.network().options.labels;
    if (!labels.empty() && labels.size() != scores.size()) {
      throw Error(errc::invalid_config,
                  fmt::format("it gives {} scores for {} labels{}", scores.size(), labels.size(),
                              runner_.network().has_own_labels
                                  ? " in its file's metadata: labels in its card or options replace them"
                                  : ""));
    }
    return scores;
  }

  void answer(std::span<const float> output, Outcome& outcome) {
    const OnnxOptions& options = runner_.network().options;
    scores_.assign(output.begin(), output.end());
    activate(options.activation, scores_);
    order_.resize(scores_.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    // A NaN must be reported, wherever it stands among the scores.
    const auto rank = [&](std::size_t i) { return std::isnan(scores_[i]) ? INFINITY : scores_[i]; };
    const std::size_t top =
        options.top == 0 ? order_.size() : std::min(order_.size(), static_cast<std::size_t>(options.top));
    std::partial_sort(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(top), order_.end(),
                      [&](auto a, auto b) { return rank(a) != rank(b) ? rank(a) > rank(b) : a < b; });
    for (std::size_t i = 0; i < top; ++i) {
      const std::size_t index = order_[i];
      outcome.add_label(options.labels.empty() ? std::to_string(index) : options.labels[index], scores_[index],
                        static_cast<int>(index));
    }
  }

  OnnxRunner runner_;
  std::vector<double> scores_;
  std::vector<std::size_t> order_;
};

}  // namespace

std::shared_ptr<const Model> onnx_with(const std::filesystem::path& file, const OnnxOptions& options,
                                       const std::vector<OnnxEngineKind>& engines) {
  return load_network(file, options, OnnxUse::kClassify, [&](const std::shared_ptr<const OnnxNetwork>& network) {
    StartedOnnxEngine started = start_engine(engines, *network);
    OnnxClassifier(network, std::move(started.engine)).try_out();
    return make_model(started.card, [network, make = started.make] {
      return std::make_unique<OnnxClassifier>(network, make(*network));
    });
  });
}

std::shared_ptr<const Model> onnx(const std::filesystem::path& file, const OnnxOptions& options) {
  return onnx_with(file, options, {opencv_engine()});
}

}  // namespace conveyor::vision
