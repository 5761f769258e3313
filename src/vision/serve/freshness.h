#ifndef CONVEYOR_SRC_VISION_SERVE_FRESHNESS_H_
#define CONVEYOR_SRC_VISION_SERVE_FRESHNESS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>
#include <tuple>
#include <vector>

namespace conveyor::vision {

/// A frame of a live camera.
struct Frame {
  std::string_view topic = {};
  std::int32_t partition = -1;
  std::string_view source = {};
  std::chrono::microseconds age{0};
};

/// Which frames to classify: those that are not too old, and the last one of each camera, so that a camera never goes
/// unseen however late its frames are.
///
/// @param frames those of one camera in the order they were taken
/// @return one for each frame
[[nodiscard]] inline std::vector<bool> worthwhile(std::span<const Frame> frames, std::chrono::microseconds max_age) {
  std::map<std::tuple<std::string_view, std::int32_t, std::string_view>, std::size_t> last;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    last[{frames[i].topic, frames[i].partition, frames[i].source}] = i;
  }
  std::vector<bool> found(frames.size());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    const Frame& frame = frames[i];
    found[i] = frame.age <= max_age || last[{frame.topic, frame.partition, frame.source}] == i;
  }
  return found;
}

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_SERVE_FRESHNESS_H_
