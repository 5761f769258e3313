#include "vision/image/histogram.h"

namespace conveyor::vision {

int Histogram::otsu() const {
  double sum = 0;
  for (int key = lowest_; key <= highest_; ++key) sum += static_cast<double>(key) * count(key);
  const double total = static_cast<double>(total_);
  double below = 0, sum_below = 0, best = -1;
  int threshold = lowest_;
  for (int key = lowest_; key < highest_; ++key) {
    if (count(key) == 0) continue;  // an empty key splits the keys where the one before does
    below += count(key);
    sum_below += static_cast<double>(key) * count(key);
    // The variance between the two is w0 w1 (mean0 - mean1)^2, here times total^2.
    const double difference = sum_below * total - sum * below;
    const double between = difference * difference / (below * (total - below));
    if (between > best) {
      best = between;
      threshold = key;
    }
  }
  return threshold;
}

}  // namespace conveyor::vision
