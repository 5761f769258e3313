#ifndef CONVEYOR_TESTS_UNIT_VISION_PIXEL_MATRIX_RECORD_H_
#define CONVEYOR_TESTS_UNIT_VISION_PIXEL_MATRIX_RECORD_H_

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <opencv2/core.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/vision/classifier.h"
#include "unit/vision/pixel_matrix.h"

namespace conveyor::vision::pixel_matrix {

/// What the cells were given and what they answered, for pixel_matrix.py, in the file that CONVEYOR_PIXEL_MATRIX names:
///   picture<TAB>NAME<TAB>gray, bgr or rgb<TAB>WHITE, 0: it does not say<TAB>ROWS<TAB>COLUMNS<TAB>its numbers
///   cell<TAB>PICTURE<TAB>CHAIN<TAB>NETWORK<TAB>rgb or bgr<TAB>SCALE<TAB>MEAN<TAB>DEVIATION<TAB>ANSWER
/// MEAN and DEVIATION are three numbers or nothing; ANSWER is `scores` and these, or `refused` and why.
class Record {
 public:
  Record() {
    const char* path = std::getenv("CONVEYOR_PIXEL_MATRIX");
    if (path == nullptr) return;
    file_.open(path);
    if (!file_) throw std::runtime_error(fmt::format("cannot write {}", path));
  }

  void add_picture(const Cell& cell, const Sample& sample) {
    if (!file_.is_open() || !pictures_.insert(key_of(cell)).second) return;
    constexpr std::array kOrders{"gray", "bgr", "rgb"};
    const double white = cell.depth == Depth::kFloatUnsaid ? 0 : white_of(cell.depth);
    cv::Mat values;
    sample.pixels.reshape(1).convertTo(values, CV_64F);
    file_ << fmt::format("picture\t{}\t{}\t{}\t{}\t{}\t{}\n", key_of(cell),
                         kOrders[static_cast<std::size_t>(cell.order)], white, sample.pixels.rows, sample.pixels.cols,
                         fmt::join(values.begin<double>(), values.end<double>(), " "));
  }

  void add_scores(const Cell& cell, const std::vector<Label>& labels) {
    std::vector<double> scores(labels.size());
    for (const Label& label : labels) scores.at(static_cast<std::size_t>(label.index)) = label.score;
    add(cell, fmt::format("scores {}", fmt::join(scores, " ")));
  }

  void add_refusal(const Cell& cell, std::string why) {
    std::replace(why.begin(), why.end(), '\n', ' ');
    add(cell, "refused " + why);
  }

 private:
  static std::string key_of(const Cell& cell) {
    return fmt::format("{} {}x{}", picture_name_of(cell), size_of(cell).width, size_of(cell).height);
  }

  void add(const Cell& cell, const std::string& answer) {
    if (!file_.is_open()) return;
    const bool has_mean = cell.card != Normalize::kNone;
    const auto numbers = [&](const Numbers& of) { return has_mean ? fmt::format("{}", fmt::join(of, " ")) : ""; };
    file_ << fmt::format("cell\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", key_of(cell), chain_of(cell), network_of(cell),
                         cell.rgb ? "rgb" : "bgr", cell.scales ? 1 / 255.0 : 1.0, numbers(mean_of(cell.card)),
                         numbers(deviation_of(cell.card)), answer);
  }

  std::ofstream file_;
  std::set<std::string> pictures_;
};

}  // namespace conveyor::vision::pixel_matrix

#endif  // CONVEYOR_TESTS_UNIT_VISION_PIXEL_MATRIX_RECORD_H_
