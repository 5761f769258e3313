#include "vision/image/bias_field.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vision/image/mask_runs.h"
#include "vision/image/pixel_type.h"

namespace conveyor::vision {

void BiasField::estimate(const cv::Mat& pixels, const cv::Mat& mask, double deviation) {
  width_ = pixels.cols;
  side_ = std::max(1, static_cast<int>(deviation / 4));
  rows_ = (pixels.rows + side_ - 1) / side_;
  cols_ = (pixels.cols + side_ - 1) / side_;
  sum_up(pixels, mask);
  smooth(deviation / side_);

  cells_.resize(sums_.size());
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    cells_[i] = counts_[i] > 0 ? static_cast<float>(sums_[i] / counts_[i]) : 0.0F;
  }
  places_.clear();
  for (int x = 0; x < width_; ++x) places_.push_back(place(x, cols_));
  upper_row_ = -1;
}

void BiasField::sum_up(const cv::Mat& pixels, const cv::Mat& mask) {
  const std::size_t cells = static_cast<std::size_t>(rows_) * static_cast<std::size_t>(cols_);
  sums_.assign(cells, 0);
  counts_.assign(cells, 0);
  with_pixel_type(pixels.depth(), [&]<class T>(T) {
    for_each_run(pixels.size(), mask, [&](int y, int begin, int end) {
      const T* row = pixels.ptr<T>(y);
      for (int x = begin; x < end;) {
        const int stop = std::min(end, (x / side_ + 1) * side_);
        const std::size_t here = cell(y / side_, x / side_);
        counts_[here] += stop - x;
        double sum = 0;
        for (; x < stop; ++x) sum += static_cast<double>(row[x]);
        sums_[here] += sum;
      }
    });
  });
  const double count = std::accumulate(counts_.begin(), counts_.end(), 0.0);
  if (count == 0) throw_nothing_inside();
  mean_ = std::accumulate(sums_.begin(), sums_.end(), 0.0) / count;
  if (!std::isfinite(mean_)) throw_not_finite();
}

void BiasField::smooth(double deviation) {
  weights_.clear();
  for (int i = 0; i <= 3 * deviation; ++i) weights_.push_back(std::exp(-0.5 * i * i / (deviation * deviation)));
  for (std::vector<double>* grid : {&sums_, &counts_}) {
    for (const bool across : {true, false}) {
      smoothed_.assign(grid->size(), 0);
      const int length = across ? cols_ : rows_, lines = across ? rows_ : cols_;
      const auto at = [&](int line, int i) { return across ? cell(line, i) : cell(i, line); };
      const int reach = static_cast<int>(weights_.size()) - 1;
      for (int line = 0; line < lines; ++line) {
        for (int i = 0; i < length; ++i) {
          double sum = 0;
          for (int j = std::max(0, i - reach); j <= std::min(length - 1, i + reach); ++j) {
            sum += weights_[static_cast<std::size_t>(std::abs(i - j))] * (*grid)[at(line, j)];
          }
          smoothed_[at(line, i)] = sum;
        }
      }
      grid->swap(smoothed_);
    }
  }
}

BiasField::Place BiasField::place(int pixel, int cells) const {
  const double at = (pixel + 0.5) / side_ - 0.5;
  if (at <= 0) return {0, 0};
  if (at >= cells - 1) return {cells - 1, 0};
  const int before = static_cast<int>(at);
  return {before, static_cast<float>(at - before)};
}

void BiasField::expand(int cell_row, std::vector<float>& to) const {
  to.resize(static_cast<std::size_t>(width_));
  const float* cells = &cells_[cell(cell_row, 0)];
  for (std::size_t x = 0; x < to.size(); ++x) {
    const auto [before, part] = places_[x];
    to[x] = part == 0 ? cells[before] : cells[before] + part * (cells[before + 1] - cells[before]);
  }
}

const float* BiasField::row(int y) {
  const auto [before, part] = place(y, rows_);
  if (before != upper_row_) {
    upper_row_ = before;
    expand(before, upper_);
    expand(std::min(before + 1, rows_ - 1), lower_);
  }
  row_.resize(upper_.size());
  for (std::size_t x = 0; x < row_.size(); ++x) row_[x] = upper_[x] + part * (lower_[x] - upper_[x]);
  return row_.data();
}

}  // namespace conveyor::vision
