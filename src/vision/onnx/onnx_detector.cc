#include "conveyor/vision/onnx_detector.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "vision/classify/non_maximum_suppression.h"
#include "vision/onnx/onnx_boxes.h"
#include "vision/onnx/onnx_candidates.h"
#include "vision/onnx/onnx_heads.h"
#include "vision/onnx/onnx_network.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

class OnnxDetector final : public Classifier {
 public:
  OnnxDetector(std::shared_ptr<const OnnxNetwork> network, const OnnxDetectorOptions& options,
               std::unique_ptr<OnnxEngine> engine)
      : runner_(std::move(network), std::move(engine)), options_(options) {}

  std::string_view name() const override { return runner_.network().card.name; }
  InputSpec input() const override { return runner_.input(); }
  std::string refusal(const Sample& sample) const override { return runner_.refusal(sample); }
  void add_network_inputs(const cv::Mat& image, std::vector<NetworkInput>& inputs) override {
    inputs.push_back(runner_.network_input(image));
  }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    runner_.run(images, [&](std::size_t i, const auto& outputs) { answer(outputs, outcomes[i]); });
  }

  /// Runs the network once, and checks its outputs.
  /// @return the options with the head that it has
  const OnnxDetectorOptions& try_out() {
    const std::vector<OnnxOutput>& outputs = runner_.try_out();
    options_ = resolve_head(options_, runner_.network().options, outputs);
    (void)candidates_of(outputs, options_, runner_.network().options);
    return options_;
  }

 private:
  void answer(const std::vector<OnnxOutput>& outputs, Outcome& outcome) {
    Candidates from = candidates_of(outputs, options_, runner_.network().options);
    const OnnxActivation activation = runner_.network().options.activation;
    if (std::string wrong = wrong_logits(activation, from); !wrong.empty()) return outcome.fault(wrong);
    activate(activation, from, activated_);
    if (std::string wrong = wrong_numbers(from, outputs, runner_.network().options, options_.min_score);
        !wrong.empty()) {
      return outcome.fault(wrong);
    }
    found_.clear();
    for (std::size_t row = 0; row < from.boxes.rows; ++row) {
      if (from.says_class()) {
        find(from, row, from.classes(row, 0), from.scores(row, 0));
      } else {
        find_classes(from, row);
      }
    }
    // An end-to-end network has already suppressed overlapping boxes; DETR is trained to give none.
    const bool is_final = from.says_class() || options_.head == DetectionHead::kDetr;
    const double overlap = is_final ? 1 : options_.max_overlap;
    suppress(found_, overlap, static_cast<std::size_t>(options_.max_detections));
    outcome.nothing_found();
    for (const auto& [label, box] : found_) outcome.add_detection(label.name, label.score, box, label.index);
  }

  /// The surest class of a candidate, or all that are sure enough.
  void find_classes(const Candidates& from, std::size_t row) {
    const double any = from.certainty(row);
    double best = 0, highest = -1;
    for (std::size_t column = from.first_class; column < from.end_class; ++column) {
      const double score = any * from.scores(row, column);
      const auto index = static_cast<double>(column - from.first_class);
      if (options_.multi_label) {
        find(from, row, index, score);
      } else if (score > highest) {
        best = index;
        highest = score;
      }
    }
    if (!options_.multi_label) find(from, row, best, highest);
  }

  void find(const Candidates& from, std::size_t row, double index, double score) {
    if (score < options_.min_score) return;
    const OnnxOptions& options = runner_.network().options;
    const Box box = box_of(from, row, options);
    if (box.width <= 0 || box.height <= 0) return;  // empty; a NaN passes, for the Session reports it
    const auto at = static_cast<std::size_t>(index);
    found_.push_back(
        {{options.labels.empty() ? std::to_string(at) : options.labels[at], score, static_cast<int>(index)}, box});
  }

  OnnxRunner runner_;
  OnnxDetectorOptions options_;  // with the head that was found, after try_out()
  ActivatedScores activated_;
  std::vector<Detection> found_;
};

void check_options(const OnnxDetectorOptions& options) {
  const auto need = [](bool holds, const char* what) {
    if (!holds) invalid(what);
  };
  need(options.min_score >= 0 && options.min_score <= 1, "OnnxDetectorOptions::min_score must be from 0 to 1");
  need(options.max_overlap >= 0 && options.max_overlap <= 1, "OnnxDetectorOptions::max_overlap must be from 0 to 1");
  need(options.max_detections > 0, "OnnxDetectorOptions::max_detections must be above 0");
}

}  // namespace

std::shared_ptr<const Model> onnx_detector_with(const std::filesystem::path& file, const OnnxDetectorOptions& options,
                                                const std::vector<OnnxEngineKind>& engines) {
  return load_network(file, options.network, OnnxUse::kDetect, [&](const std::shared_ptr<const OnnxNetwork>& network) {
    check_options(options);
    StartedOnnxEngine started = start_engine(engines, *network);
    const OnnxDetectorOptions resolved = OnnxDetector(network, options, std::move(started.engine)).try_out();
    return make_model(started.card, [network, resolved, make = started.make] {
      return std::make_unique<OnnxDetector>(network, resolved, make(*network));
    });
  });
}

std::shared_ptr<const Model> onnx_detector(const std::filesystem::path& file, const OnnxDetectorOptions& options) {
  return onnx_detector_with(file, options, {opencv_engine()});
}

}  // namespace conveyor::vision
