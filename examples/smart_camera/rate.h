#ifndef SMART_CAMERA_RATE_H_
#define SMART_CAMERA_RATE_H_

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

namespace smart_camera {

/// How often something happened a second, over the last three full seconds.
///
/// Thread safety: as a standard container.
class Rate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  void add(Time now) {
    go_to(now);
    ++counts_[place(second_)];
  }

  [[nodiscard]] double per_second(Time now) {
    go_to(now);
    std::int64_t sum = 0;
    for (std::int64_t back = 1; back <= kSeconds; ++back) sum += counts_[place(second_ - back)];
    const std::int64_t seconds = std::clamp<std::int64_t>(second_ - first_, 1, kSeconds);
    return static_cast<double>(sum) / static_cast<double>(seconds);
  }

 private:
  static constexpr std::int64_t kSeconds = 3;
  static std::size_t place(std::int64_t second) {
    return static_cast<std::size_t>(((second % (kSeconds + 1)) + kSeconds + 1) % (kSeconds + 1));
  }
  void go_to(Time now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now.time_since_epoch()).count();
    if (first_ < 0) first_ = second_ = second;
    for (std::int64_t empty = std::max(second_ + 1, second - kSeconds); empty <= second; ++empty) {
      counts_[place(empty)] = 0;
    }
    second_ = std::max(second_, static_cast<std::int64_t>(second));
  }

  std::array<std::int64_t, kSeconds + 1> counts_ = {};
  std::int64_t first_ = -1;
  std::int64_t second_ = -1;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_RATE_H_
