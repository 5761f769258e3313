#ifndef CONVEYOR_SRC_VISION_IMAGE_HISTOGRAM_H_
#define CONVEYOR_SRC_VISION_IMAGE_HISTOGRAM_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace conveyor::vision {

/// How often each 16-bit key was added. Clearing costs only what was used: an image of 4000 gray values does not pay
/// for 65,536.
class Histogram {
 public:
  using Key = std::uint16_t;

  void clear() {
    if (total_ > 0) std::fill(counts_.begin() + lowest_, counts_.begin() + highest_ + 1, 0U);
    total_ = 0;
    lowest_ = std::numeric_limits<Key>::max();
    highest_ = 0;
  }

  /// Adds key_of(value) for the values [begin, end).
  template <class T, class KeyOf>
  void add(const T* begin, const T* end, KeyOf key_of) {
    int lowest = lowest_, highest = highest_;
    for (const T* value = begin; value != end; ++value) {
      const Key key = key_of(*value);
      lowest = key < lowest ? key : lowest;
      highest = key > highest ? key : highest;
      ++counts_[key];
    }
    lowest_ = lowest;
    highest_ = highest;
    total_ += static_cast<std::uint64_t>(end - begin);
  }

  [[nodiscard]] std::uint64_t total() const noexcept { return total_; }
  /// The least and the greatest key; unspecified when nothing was added.
  [[nodiscard]] int lowest() const noexcept { return lowest_; }
  [[nodiscard]] int highest() const noexcept { return highest_; }
  [[nodiscard]] std::uint32_t count(int key) const { return counts_[static_cast<std::size_t>(key)]; }

  struct Place {
    int key = 0;
    std::uint64_t below = 0;  ///< how many are less than the key
  };
  /// The key at `rank`, from 0, of all keys in order. @param rank less than total()
  [[nodiscard]] Place at_rank(std::uint64_t rank) const {
    Place place{lowest_, 0};
    while (place.below + count(place.key) <= rank) place.below += count(place.key++);
    return place;
  }

  /// Otsu's threshold: it splits the keys into those up to it and those above it so that the variance between the two
  /// classes is largest; the lowest of several. Needs two different keys.
  [[nodiscard]] int otsu() const;

 private:
  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(std::numeric_limits<Key>::max() + 1U);
  std::uint64_t total_ = 0;
  int lowest_ = std::numeric_limits<Key>::max();
  int highest_ = 0;
};

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_IMAGE_HISTOGRAM_H_
