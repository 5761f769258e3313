#ifndef CONVEYOR_SRC_BASE_FORKS_H_
#define CONVEYOR_SRC_BASE_FORKS_H_

#include <atomic>

namespace conveyor {

/// How often fork() led to this process: another number than before says that this is a child, in which none of its
/// parent's threads run. It counts from the first call on.
[[nodiscard]] const std::atomic<unsigned>& forks();

/// Whether what was made in one process is now used in a child of it.
class ForkWatch {
 public:
  [[nodiscard]] bool in_child() const noexcept { return forks_.load(std::memory_order_relaxed) != made_after_; }

 private:
  const std::atomic<unsigned>& forks_ = forks();
  const unsigned made_after_ = forks_.load(std::memory_order_relaxed);
};

}  // namespace conveyor

#endif  // CONVEYOR_SRC_BASE_FORKS_H_
