#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string_view>

#include "vision/onnx/onnx_candidates.h"
#include "vision/onnx/onnx_heads.h"
#include "vision/onnx/onnx_words.h"

// Whether numbers can be what a head takes them for.

namespace conveyor::vision {
namespace {

constexpr std::string_view kNotANumber = "is not a number";

bool is_score(double score) {
  constexpr double kRounding = 1e-3;
  return score >= -kRounding && score <= 1 + kRounding;
}

std::string not_a_score(std::size_t row, double score) {
  return fmt::format("the score of candidate {} is {:.4g}, not from 0 to 1{}", row, score,
                     score < 0 ? ", as logits are without activation=sigmoid or activation=softmax" : "");
}

/// Whether all boxes lie at the first pixels of the input: they are then in grid cells, or fractions of the input.
bool lie_in_a_corner(const Candidates& candidates, const OnnxOptions& network) {
  constexpr double kPart = 1.0 / 8;
  constexpr std::size_t kFew = 16;
  const bool are_centres = candidates.format == BoxFormat::kCxcywh && candidates.units == BoxUnits::kPixels;
  if (!are_centres || candidates.in_cells || candidates.boxes.rows < kFew) return false;
  for (std::size_t row = 0; row < candidates.boxes.rows; ++row) {
    const double x = candidates.boxes(row, 0), y = candidates.boxes(row, 1);
    if (std::abs(x) > kPart * network.width || std::abs(y) > kPart * network.height) return false;
  }
  return true;
}

/// Whether the only column of class scores holds whole numbers, as the class indexes of an end-to-end network would be.
/// Such networks give few rows; a grid has thousands.
bool counts_classes(const Candidates& candidates) {
  constexpr std::size_t kFew = 1000;
  const bool one_class = candidates.objectness.columns > 0 && candidates.scores.columns == 1;
  if (!one_class || candidates.scores.rows > kFew) return false;
  for (std::size_t row = 0; row < candidates.scores.rows; ++row) {
    if (candidates.scores(row, 0) != std::floor(candidates.scores(row, 0))) return false;
  }
  return true;
}

/// The boxes that are found. Others may hold anything.
class FoundBoxes {
 public:
  explicit FoundBoxes(const Candidates& candidates) : candidates_(candidates) {}

  void add(std::size_t row) {
    any_ = true;
    for (std::size_t i = 0; i < 4; ++i) greatest_ = std::max(greatest_, std::abs(candidates_.boxes(row, i)));
  }
  [[nodiscard]] bool any() const { return any_; }

  /// What they show of their units.
  [[nodiscard]] std::string wrong_units() const {
    constexpr double kFarOutside = 4;  // of the input
    if (!any_ || candidates_.in_cells) return {};
    if (candidates_.units == BoxUnits::kPixels && greatest_ <= 1 && greatest_ > 0) {
      return "all boxes that it found lie within one pixel of the input: if they are fractions of the input, say "
             "box_units=normalized";
    }
    if (candidates_.units == BoxUnits::kNormalized && greatest_ > kFarOutside) {
      return fmt::format(
          "a box that it found has {:.4g} for a fraction of the input: if it is in pixels, say "
          "box_units=pixels",
          greatest_);
    }
    return {};
  }

 private:
  const Candidates& candidates_;
  bool any_ = false;
  double greatest_ = 0;  // of all their numbers
};

std::string wrong_classes(const Candidates& candidates, std::size_t labels, double min_score, FoundBoxes& found) {
  constexpr double kMost = 1 << 24;
  for (std::size_t row = 0; row < candidates.scores.rows; ++row) {
    const double score = candidates.scores(row, 0), index = candidates.classes(row, 0);
    if (std::isnan(score)) return fmt::format("the score of candidate {} {}", row, kNotANumber);
    if (!is_score(score)) return not_a_score(row, score);
    if (score < min_score) continue;
    if (index != std::floor(index) || index < 0 || index > kMost) {
      return fmt::format("the class of candidate {} is {:.4g}", row, index);
    }
    if (labels > 0 && index >= static_cast<double>(labels)) {
      return fmt::format("the class of candidate {} is {}; there are {} labels", row, index, labels);
    }
    found.add(row);
  }
  return {};
}

std::string wrong_scores(const Candidates& candidates, const OnnxOptions& network, double min_score,
                         FoundBoxes& found) {
  for (std::size_t row = 0; row < candidates.scores.rows; ++row) {
    const double any = candidates.certainty(row);
    bool is_found = false;
    for (std::size_t column = candidates.first_class; column < candidates.end_class; ++column) {
      const double score = any * candidates.scores(row, column);
      if (std::isnan(score)) return fmt::format("the score of candidate {} {}", row, kNotANumber);
      if (!is_score(any)) return not_a_score(row, any);
      if (!is_score(score)) return not_a_score(row, score);
      is_found = is_found || score >= min_score;
    }
    if (is_found) found.add(row);
  }
  if (!found.any()) return {};
  if (counts_classes(candidates)) return "the scores of its one class are whole numbers";
  return lie_in_a_corner(candidates, network)
             ? "all of its boxes lie in the first eighth of the input: in cells of a grid, "
               "or parts of the input (box_units=normalized), but not in pixels"
             : "";
}

}  // namespace

std::string wrong_logits(OnnxActivation activation, const Candidates& candidates) {
  constexpr std::size_t kFew = 16;
  const Table& scores = candidates.scores;
  if (activation == OnnxActivation::kNone || scores.rows < kFew) return {};
  for (std::size_t row = 0; row < scores.rows; ++row) {
    for (std::size_t column = 0; column < scores.columns; ++column) {
      if (!(scores(row, column) >= 0 && scores(row, column) <= 1)) return {};
    }
  }
  return fmt::format(
      "all of its scores are from 0 to 1 before activation={}: the network computes probabilities itself, "
      "so leave activation out of its card and options",
      word_of(kActivationWords, activation));
}

std::string wrong_numbers(const Candidates& candidates, const std::vector<OnnxOutput>& outputs,
                          const OnnxOptions& network, double min_score) {
  FoundBoxes found(candidates);
  const std::string wrong = candidates.says_class() ? wrong_classes(candidates, network.labels.size(), min_score, found)
                                                    : wrong_scores(candidates, network, min_score, found);
  if (wrong.empty()) return found.wrong_units();
  if (wrong.ends_with(kNotANumber)) return wrong;
  return fmt::format("{}: the head does not fit the network{}", wrong, likely_layout(outputs));
}

}  // namespace conveyor::vision
