#include "vision/image/connected_components.h"

#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#include "vision/image/mask_runs.h"

namespace conveyor::vision {
namespace {

/// A run: the neighbours [begin, end) in row y, and the component that they belong to (union-find).
struct Run {
  int y, begin, end;
  std::size_t parent;  ///< the run it was joined to; a root is its own parent
  int pixels;          ///< of a root: of the whole component
  bool at_edge;        ///< of a root: the component touches the image's edge
};

/// The components of an image as runs joined by union-find: two passes, and memory for the runs alone.
class Components {
 public:
  /// @param runs memory
  /// @param reach 1: pixels touch by side or corner; 0: by side
  Components(std::vector<Run>& runs, cv::Size size, int reach) : runs_(runs), size_(size), reach_(reach) {
    runs_.clear();
    // Enough for all but the noisiest images of this size.
    runs_.reserve(static_cast<std::size_t>(size.area()) / 8);
  }

  /// To be called with rows from the top, and with the runs of a row from the left.
  void start_row(int y) {
    y_ = y;
    above_ = row_;
    row_ = runs_.size();
  }
  void add(int begin, int end) {
    const std::size_t self = runs_.size();
    const bool at_edge = y_ == 0 || y_ == size_.height - 1 || begin == 0 || end == size_.width;
    runs_.push_back({y_, begin, end, self, end - begin, at_edge});
    while (above_ < row_ && runs_[above_].end + reach_ <= begin) ++above_;
    for (std::size_t i = above_; i < row_ && runs_[i].begin < end + reach_; ++i) join(i, self);
  }

  [[nodiscard]] std::size_t root(std::size_t run) {
    while (runs_[run].parent != run) run = runs_[run].parent = runs_[runs_[run].parent].parent;
    return run;
  }
  [[nodiscard]] bool is_root(std::size_t run) const { return runs_[run].parent == run; }

 private:
  /// The earlier of the two roots stays a root, so that the root of a component is its first run.
  void join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    if (a == b) return;
    if (b < a) std::swap(a, b);
    runs_[b].parent = a;
    runs_[a].pixels += runs_[b].pixels;
    runs_[a].at_edge = runs_[a].at_edge || runs_[b].at_edge;
  }

  std::vector<Run>& runs_;
  cv::Size size_;
  int reach_;
  int y_ = 0;
  std::size_t row_ = 0;    ///< the first run of the row
  std::size_t above_ = 0;  ///< the first run of the row above that the next run may touch
};

void paint(cv::Mat& mask, const Run& run, int value) {
  std::memset(mask.ptr(run.y) + run.begin, value, static_cast<std::size_t>(run.end - run.begin));
}

}  // namespace

void keep_largest_component(cv::Mat& mask) {
  thread_local std::vector<Run> runs;
  Components bright(runs, mask.size(), 1);
  for (int y = 0; y < mask.rows; ++y) {
    bright.start_row(y);
    for_each_run_of(mask.ptr(y), mask.cols, [&](int begin, int end) { bright.add(begin, end); });
  }
  if (runs.empty()) return;
  std::size_t largest = 0;  // the first run is a root
  for (std::size_t run = 0; run < runs.size(); ++run) {
    if (bright.is_root(run) && runs[run].pixels > runs[largest].pixels) largest = run;
  }
  for (std::size_t run = 0; run < runs.size(); ++run) paint(mask, runs[run], bright.root(run) == largest ? 255 : 0);

  Components dark(runs, mask.size(), 0);
  for (int y = 0; y < mask.rows; ++y) {
    dark.start_row(y);
    int begin = 0;
    for_each_run_of(mask.ptr(y), mask.cols, [&](int from, int to) {
      if (begin < from) dark.add(begin, from);
      begin = to;
    });
    if (begin < mask.cols) dark.add(begin, mask.cols);
  }
  for (std::size_t run = 0; run < runs.size(); ++run) {
    if (!runs[dark.root(run)].at_edge) paint(mask, runs[run], 255);
  }
}

}  // namespace conveyor::vision
