#ifndef CONVEYOR_SRC_KAFKA_DEADLINE_H_
#define CONVEYOR_SRC_KAFKA_DEADLINE_H_

#include <algorithm>
#include <chrono>

namespace conveyor::kafka {

/// A common deadline for several questions that are asked one after another.
class Deadline {
 public:
  explicit Deadline(std::chrono::milliseconds within) : end_(std::chrono::steady_clock::now() + within) {}

  /// At least one millisecond, because librdkafka's calls differ in what 0 means.
  [[nodiscard]] std::chrono::milliseconds left() const {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end_ - std::chrono::steady_clock::now());
    return std::max(left, std::chrono::milliseconds(1));
  }
  [[nodiscard]] int left_ms() const { return static_cast<int>(left().count()); }

 private:
  const std::chrono::steady_clock::time_point end_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_DEADLINE_H_
