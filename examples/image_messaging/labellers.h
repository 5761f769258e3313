#ifndef IMAGE_MESSAGING_LABELLERS_H_
#define IMAGE_MESSAGING_LABELLERS_H_

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "label.h"
#include "support/child.h"

namespace image_messaging {

/// Labellers, each a process of its own, that are started again when they end.
///
/// Thread safety: on the thread that made it, which must not end before it: the kernel ends children with their thread.
class Labellers {
 public:
  /// @param environment of the cluster. @param say takes lines for people
  Labellers(int count, LabelOptions options, std::map<std::string, std::string> environment, std::filesystem::path log,
            std::function<void(const std::string&)> say);

  /// Waits until each got partitions. @throws Error when one ended instead
  void wait_until_ready(const std::stop_token& stop);
  /// Starts those that have ended again, after growing pauses.
  void look_after();
  void ask_to_stop();
  [[nodiscard]] int running();
  [[nodiscard]] int restarts() const noexcept { return restarts_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Place {
    std::string name;
    std::unique_ptr<support::Child> child;
    Clock::time_point started = {};
    std::chrono::milliseconds pause{0};
    bool told = false;  // that it ended
  };

  void start(Place& place);

  const LabelOptions options_;
  const std::map<std::string, std::string> environment_;
  const std::filesystem::path log_;
  const std::function<void(const std::string&)> say_;
  std::vector<Place> places_;
  int restarts_ = 0;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_LABELLERS_H_
