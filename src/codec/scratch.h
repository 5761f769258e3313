#ifndef CONVEYOR_SRC_CODEC_SCRATCH_H_
#define CONVEYOR_SRC_CODEC_SCRATCH_H_

#include <algorithm>
#include <cstddef>
#include <memory>

namespace conveyor::codec {

/// Uninitialised memory that one thread uses again and again.
class Scratch {
 public:
  /// At least `size` bytes; what was in them is not kept.
  char* reserve(std::size_t size) {
    if (size > capacity_) {
      memory_.reset();  // first, so that old and new memory never exist at the same time
      capacity_ = 0;
      memory_ = std::make_unique_for_overwrite<char[]>(size);
      capacity_ = size;
    }
    return memory_.get();
  }

  [[nodiscard]] char* data() noexcept { return memory_.get(); }
  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }

  /// Gives memory back after an unusually large use.
  void trim() noexcept {
    if (capacity_ > kKept) {
      memory_.reset();
      capacity_ = 0;
    }
  }

 private:
  static constexpr std::size_t kKept = std::size_t{8} << 20;

  std::unique_ptr<char[]> memory_;
  std::size_t capacity_ = 0;
};

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_SCRATCH_H_
