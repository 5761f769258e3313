#include "vision/image/resample.h"

#include <algorithm>
#include <cstdint>
#include <opencv2/core.hpp>
#include <opencv2/imgproc.hpp>
#include <vector>

#include "vision/image/pixel_type.h"

namespace conveyor::vision {
namespace {

/// How one side is resized: pixel i of the result is the sum of weight * source pixel over spans[i].
class Axis {
 public:
  struct Span {
    int first = 0;            ///< source pixel
    int count = 0;            ///< pixels, at least 1
    std::size_t weights = 0;  ///< index of the first one's weight
  };

  void set(int from, int to, bool area) {
    if (from == from_ && to == to_ && area == area_) return;
    from_ = from, to_ = to, area_ = area;
    spans_.clear();
    weights_.clear();
    for (int i = 0; i < to; ++i) area || from == 1 ? add_area(i) : add_line(i);
    pairs_ = std::all_of(spans_.begin(), spans_.end(), [](const Span& span) { return span.count == 2; });
  }

  [[nodiscard]] const Span& span(int i) const { return spans_[static_cast<std::size_t>(i)]; }
  [[nodiscard]] const float* weights(const Span& span) const { return &weights_[span.weights]; }
  /// All spans have two pixels.
  [[nodiscard]] bool pairs() const { return pairs_; }

 private:
  void add(int first, std::initializer_list<double> weights) {
    spans_.push_back({first, 0, weights_.size()});
    for (const double weight : weights) add(weight);
  }
  void add(double weight) {
    weights_.push_back(static_cast<float>(weight));
    ++spans_.back().count;
  }

  // Pixel i covers [i * from, (i + 1) * from) of a line on which each pixel of the source is `to` long.
  void add_area(int i) {
    const std::int64_t begin = std::int64_t{i} * from_, end = begin + from_;
    add(static_cast<int>(begin / to_), {});
    for (std::int64_t at = begin / to_ * to_; at < end; at += to_) {
      add(static_cast<double>(std::min(end, at + to_) - std::max(begin, at)) / from_);
    }
  }

  // The centre i + 0.5 lies at (i + 0.5) * from / to of the source, whose centres lie at 0.5, 1.5, ...
  void add_line(int i) {
    const std::int64_t at = (2 * std::int64_t{i} + 1) * from_ - to_, unit = 2 * std::int64_t{to_};
    const auto left = static_cast<int>(at / unit);
    if (at <= 0) return add(0, {1, 0});
    if (left >= from_ - 1) return add(from_ - 2, {0, 1});
    const double part = static_cast<double>(at % unit) / static_cast<double>(unit);
    add(left, {1 - part, part});
  }

  int from_ = 0, to_ = 0;
  bool area_ = false, pairs_ = false;
  std::vector<Span> spans_;
  std::vector<float> weights_;
};

struct Memory {
  Axis across, down;
  std::vector<float> row;
};
Memory& memory() {
  thread_local Memory memory;
  return memory;
}

/// Fills `row` with the sum of weight * row of `from` over the span.
template <class T>
void join_rows(const cv::Mat& from, const Axis::Span& span, const float* weights, float* __restrict row, int width) {
  const T* __restrict first = from.ptr<T>(span.first);
  if (span.count == 1) {
    for (int i = 0; i < width; ++i) row[i] = weights[0] * static_cast<float>(first[i]);
    return;
  }
  const T* __restrict second = from.ptr<T>(span.first + 1);
  const float a = weights[0], b = weights[1];
  for (int i = 0; i < width; ++i) row[i] = a * static_cast<float>(first[i]) + b * static_cast<float>(second[i]);
  for (int k = 2; k < span.count; ++k) {
    const T* __restrict next = from.ptr<T>(span.first + k);
    const float weight = weights[k];
    for (int i = 0; i < width; ++i) row[i] += weight * static_cast<float>(next[i]);
  }
}

// Rows are combined first, in full length, which compilers vectorise; fewer pixels then remain to be combined along x.
template <class T>
void resample_as(const cv::Mat& from, cv::Mat& to, bool area) {
  auto& [across, down, row] = memory();
  across.set(from.cols, to.cols, area);
  down.set(from.rows, to.rows, area);
  const std::ptrdiff_t channels = from.channels();
  row.resize(static_cast<std::size_t>(from.cols) * static_cast<std::size_t>(channels));
  for (int y = 0; y < to.rows; ++y) {
    join_rows<T>(from, down.span(y), down.weights(down.span(y)), row.data(), from.cols * from.channels());
    T* out = to.ptr<T>(y);
    for (int x = 0; x < to.cols; ++x) {
      const Axis::Span& pixels = across.span(x);
      const float* weights = across.weights(pixels);
      const float* in = row.data() + pixels.first * channels;
      for (std::ptrdiff_t c = 0; c < channels; ++c, ++in) {
        if (across.pairs()) {
          *out++ = cv::saturate_cast<T>(weights[0] * in[0] + weights[1] * in[channels]);
          continue;
        }
        float sum = 0;
        for (int k = 0; k < pixels.count; ++k) sum += weights[k] * in[k * channels];
        *out++ = cv::saturate_cast<T>(sum);
      }
    }
  }
}

void resample_by_lanczos(const cv::Mat& from, cv::Mat& to) {
  const int depth = from.depth();
  if (depth != CV_8U && depth != CV_16U && depth != CV_16S && depth != CV_32F) throw_unknown_depth();
  cv::resize(from, to, to.size(), 0, 0, cv::INTER_LANCZOS4);
}

}  // namespace

void resample(const cv::Mat& from, cv::Mat& to, Interpolation interpolation) {
  if (to.size() == from.size()) return from.copyTo(to);
  if (interpolation == Interpolation::kLanczos) return resample_by_lanczos(from, to);
  const bool area = interpolation == Interpolation::kArea && to.cols <= from.cols && to.rows <= from.rows;
  if (from.depth() == CV_8U && from.channels() > 1) {
    // Camera frames: OpenCV's code for bytes takes a fraction of the time, at the price of a small allocation.
    return cv::resize(from, to, to.size(), 0, 0, area ? cv::INTER_AREA : cv::INTER_LINEAR);
  }
  switch (from.depth()) {
    case CV_8U:
      return resample_as<std::uint8_t>(from, to, area);
    case CV_16U:
      return resample_as<std::uint16_t>(from, to, area);
    case CV_16S:
      return resample_as<std::int16_t>(from, to, area);
    case CV_32F:
      return resample_as<float>(from, to, area);
    default:
      throw_unknown_depth();
  }
}

void resample_mask(const cv::Mat& from, cv::Mat& to) {
  // The source pixel that contains the centre.
  const auto nearest = [](int i, int from_side, int to_side) {
    return static_cast<int>((2 * std::int64_t{i} + 1) * from_side / (2 * std::int64_t{to_side}));
  };
  thread_local std::vector<int> columns;
  columns.clear();
  for (int x = 0; x < to.cols; ++x) columns.push_back(nearest(x, from.cols, to.cols));
  for (int y = 0; y < to.rows; ++y) {
    const unsigned char* in = from.ptr(nearest(y, from.rows, to.rows));
    unsigned char* out = to.ptr(y);
    for (const int column : columns) *out++ = in[column];
  }
}

}  // namespace conveyor::vision
