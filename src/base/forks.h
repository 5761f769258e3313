#ifndef CONVEYOR_SRC_BASE_FORKS_H_
#define CONVEYOR_SRC_BASE_FORKS_H_

#include <atomic>

namespace conveyor {

/// How many calls of fork() lead to this process, counted from the first call of this function on. If the number has
/// changed, this process is a child, in which none of its parent's threads run.
[[nodiscard]] const std::atomic<unsigned>& forks();

/// Tells whether an object that was made in one process is now used in a child of it.
class ForkWatch {
 public:
  [[nodiscard]] bool in_child() const noexcept { return forks_.load(std::memory_order_relaxed) != made_after_; }

 private:
  const std::atomic<unsigned>& forks_ = forks();
  const unsigned made_after_ = forks_.load(std::memory_order_relaxed);
};

}  // namespace conveyor

#endif  // CONVEYOR_SRC_BASE_FORKS_H_
