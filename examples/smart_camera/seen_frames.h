#ifndef SMART_CAMERA_SEEN_FRAMES_H_
#define SMART_CAMERA_SEEN_FRAMES_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

namespace smart_camera {

/// Tells the newest frame of a camera from those that come late: only the newest is worth showing.
///
/// Thread safety: as a standard container.
class SeenFrames {
 public:
  enum class Kind {
    kNewest,
    kLate,      ///< a newer one came before
    kRepeated,  ///< it came before itself
  };

  /// @param source the camera and its run: frames of another run than before are numbered anew
  Kind add(const std::string& source, std::int64_t frame) {
    if (source != source_) {
      source_ = source;
      seen_.clear();
    }
    const bool newest = seen_.empty() || frame > *seen_.rbegin();
    // What is far behind the newest was forgotten, and came before.
    if (!newest && seen_.size() >= kRemembered && frame < *seen_.begin()) return Kind::kRepeated;
    if (!seen_.insert(frame).second) return Kind::kRepeated;
    if (seen_.size() > kRemembered) seen_.erase(seen_.begin());
    return newest ? Kind::kNewest : Kind::kLate;
  }

 private:
  static constexpr std::size_t kRemembered = 1024;  // far above what a camera has under way
  std::string source_;
  std::set<std::int64_t> seen_;
};

}  // namespace smart_camera

#endif  // SMART_CAMERA_SEEN_FRAMES_H_
