#include "conveyor/vision/onnx_detector.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <utility>

#include "conveyor/error.h"
#include "conveyor/vision/classifier.h"
#include "vision/onnx_network.h"
#include "vision/suppression.h"

namespace conveyor::vision {
namespace {

[[noreturn]] void invalid(const std::string& what) { throw Error(errc::invalid_config, what); }

/// Numbers at rows and columns of an output, whichever way they lie.
struct Table {
  const float* values = nullptr;
  std::size_t rows = 0, columns = 0;
  std::size_t row_step = 0, column_step = 0;

  double operator()(std::size_t row, std::size_t column) const {
    return static_cast<double>(values[row * row_step + column * column_step]);
  }
};

/// Of an output of 1 x rows x columns, or, turned, of 1 x columns x rows.
Table table_of(const OnnxOutput& output, bool turned, const char* needed) {
  const auto& shape = output.shape;
  if (shape.size() != 3 || shape[0] != 1 || shape[1] < 1 || shape[2] < 1) {
    invalid(fmt::format("its output is {}; {} is needed", shape_text(shape), needed));
  }
  const auto rows = static_cast<std::size_t>(shape[1]), columns = static_cast<std::size_t>(shape[2]);
  if (turned) return {output.values.data(), columns, rows, 1, columns};
  return {output.values.data(), rows, columns, columns, 1};
}

/// What all heads come to: boxes in pixels of the input, and a score for each class.
struct Candidates {
  Table boxes = {};   // 4 columns from 0
  Table scores = {};  // the classes from first_class
  std::size_t first_class = 0;
  bool sure_of_any = false;  // column 4 of boxes multiplies the scores
  bool corners = false;      // left, top, right, bottom as parts of the input; otherwise centre and size in pixels
};

Candidates candidates_of(const std::vector<OnnxOutput>& outputs, DetectionHead head) {
  const std::size_t needed = head == DetectionHead::kSsd ? 2 : 1;
  if (outputs.size() != needed) {
    invalid(
        fmt::format("it has {} output{}; this head has {}", outputs.size(), outputs.size() == 1 ? "" : "s", needed));
  }
  if (head == DetectionHead::kYoloRows) {
    const Table table = table_of(outputs[0], false, "1 x candidates x (5 + classes)");
    return {.boxes = table, .scores = table, .first_class = 5, .sure_of_any = true};
  }
  if (head == DetectionHead::kYoloColumns) {
    const Table table = table_of(outputs[0], true, "1 x (4 + classes) x candidates");
    return {.boxes = table, .scores = table, .first_class = 4};
  }
  constexpr const char* kNeeded = "1 x candidates x 4 and 1 x candidates x (1 + classes)";
  Table boxes = table_of(outputs[0], false, kNeeded), scores = table_of(outputs[1], false, kNeeded);
  if (boxes.columns == 4 && scores.columns == 4) {
    invalid("both of its outputs have 4 columns, so that boxes and scores cannot be told apart");
  }
  if (boxes.columns != 4) std::swap(boxes, scores);
  if (boxes.columns != 4 || boxes.rows != scores.rows) {
    invalid(fmt::format("its outputs are {} and {}; {} are needed", shape_text(outputs[0].shape),
                        shape_text(outputs[1].shape), kNeeded));
  }
  return {.boxes = boxes, .scores = scores, .first_class = 1, .corners = true};
}

class OnnxDetector final : public Classifier {
 public:
  OnnxDetector(std::shared_ptr<const OnnxNetwork> network, const OnnxDetectorOptions& options,
               const OnnxEngineMaker& make)
      : runner_(std::move(network), make), options_(options) {}

  std::string_view name() const override { return runner_.network().card.name; }
  InputSpec input() const override { return runner_.input(); }

  void classify(std::span<const cv::Mat> images, std::span<Outcome> outcomes) override {
    for (std::size_t i = 0; i < images.size(); ++i) answer(checked(runner_.run(images[i])), outcomes[i]);
  }

  void try_out() { (void)checked(runner_.try_out()); }

 private:
  Candidates checked(const std::vector<OnnxOutput>& outputs) const {
    const Candidates candidates = candidates_of(outputs, options_.head);
    const std::size_t labels = runner_.network().options.labels.size();
    const std::size_t columns = candidates.scores.columns;
    if (columns <= candidates.first_class || (labels > 0 && labels != columns - candidates.first_class)) {
      invalid(fmt::format("it gives {} numbers a candidate; for {} labels and this head they would be {}", columns,
                          labels, labels + candidates.first_class));
    }
    return candidates;
  }

  void answer(const Candidates& from, Outcome& outcome) {
    found_.clear();
    for (std::size_t row = 0; row < from.scores.rows; ++row) {
      const double any = from.sure_of_any ? from.boxes(row, 4) : 1;
      for (std::size_t column = from.first_class; column < from.scores.columns; ++column) {
        const double score = any * from.scores(row, column);
        if (std::isnan(score)) return outcome.fault(fmt::format("the score of candidate {} is not a number", row));
        if (score < options_.min_score) continue;
        add(from, row, static_cast<int>(column - from.first_class), score);
      }
    }
    suppress(found_, options_.max_overlap, static_cast<std::size_t>(options_.max_detections));
    outcome.nothing_found();
    for (const auto& [label, box] : found_) outcome.add_detection(label.name, label.score, box, label.index);
  }

  void add(const Candidates& from, std::size_t row, int index, double score) {
    const OnnxOptions& options = runner_.network().options;
    const double a = from.boxes(row, 0), b = from.boxes(row, 1), c = from.boxes(row, 2), d = from.boxes(row, 3);
    Box box;
    if (from.corners) {
      box = {static_cast<float>(a * options.width), static_cast<float>(b * options.height),
             static_cast<float>((c - a) * options.width), static_cast<float>((d - b) * options.height)};
    } else {
      box = {static_cast<float>(a - c / 2), static_cast<float>(b - d / 2), static_cast<float>(c),
             static_cast<float>(d)};
    }
    if (box.width <= 0 || box.height <= 0) return;  // there is nothing in it; what is not a number is the Session's
    const auto at = static_cast<std::size_t>(index);
    found_.push_back({{options.labels.empty() ? std::to_string(at) : options.labels[at], score, index}, box});
  }

  OnnxRunner runner_;
  OnnxDetectorOptions options_;
  std::vector<Detection> found_;
};

void check_options(const OnnxDetectorOptions& options) {
  const auto need = [](bool holds, const char* what) {
    if (!holds) invalid(what);
  };
  need(options.min_score >= 0 && options.min_score <= 1, "OnnxDetectorOptions::min_score must be from 0 to 1");
  need(options.max_overlap >= 0 && options.max_overlap <= 1, "OnnxDetectorOptions::max_overlap must be from 0 to 1");
  need(options.max_detections > 0, "OnnxDetectorOptions::max_detections must be above 0");
  need(!options.network.softmax, "OnnxOptions::softmax does not apply to a detector");
}

}  // namespace

std::shared_ptr<const Model> onnx_detector_with(const std::filesystem::path& file, const OnnxDetectorOptions& options,
                                                const OnnxEngineMaker& make) {
  return load_network(file, options.network, [&](const std::shared_ptr<const OnnxNetwork>& network) {
    check_options(options);
    OnnxDetector(network, options, make).try_out();
    return make_model(network->card, [=] { return std::make_unique<OnnxDetector>(network, options, make); });
  });
}

std::shared_ptr<const Model> onnx_detector(const std::filesystem::path& file, const OnnxDetectorOptions& options) {
  return onnx_detector_with(file, options, opencv_engine);
}

}  // namespace conveyor::vision
