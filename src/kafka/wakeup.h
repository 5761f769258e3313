#ifndef CONVEYOR_SRC_KAFKA_WAKEUP_H_
#define CONVEYOR_SRC_KAFKA_WAKEUP_H_

#include <chrono>

namespace conveyor::kafka {

/// Wakes a sleeping thread when another thread, or a librdkafka queue, has work for it (an eventfd).
///
/// Thread safety: signal() may be called from any thread, wait() from one.
class Wakeup {
 public:
  /// @throws std::system_error
  Wakeup();
  ~Wakeup();
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;

  void signal() noexcept;
  /// Returns after a signal since the last wait, or when the time is over.
  void wait(std::chrono::milliseconds within) noexcept;

  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_WAKEUP_H_
