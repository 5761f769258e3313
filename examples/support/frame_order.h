#ifndef SUPPORT_FRAME_ORDER_H_
#define SUPPORT_FRAME_ORDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace support {

/// Puts frames back into order: several detectors finish them in any.
///
/// Frames are numbered from 0 without gaps. One that is missing holds up those behind it, until more than `patience` of
/// them wait: then it is given up.
///
/// Thread safety: as a standard container.
template <class Frame>
class FrameOrder {
 public:
  explicit FrameOrder(std::size_t patience) : patience_(patience) {}

  /// @return false for a frame that came before, or too late
  bool add(std::int64_t number, Frame frame) {
    return number >= next_ && waiting_.emplace(number, std::move(frame)).second;
  }

  /// The next frame whose turn it is; call it until there is none.
  std::optional<Frame> take() { return turn() ? std::optional<Frame>(pop()) : std::nullopt; }
  /// The next frame, whether or not others are missing before it: when no more will come.
  std::optional<Frame> take_rest() { return waiting_.empty() ? std::nullopt : std::optional<Frame>(pop()); }

 private:
  [[nodiscard]] bool turn() const {
    return !waiting_.empty() && (waiting_.begin()->first == next_ || waiting_.size() > patience_);
  }
  Frame pop() {
    auto first = waiting_.extract(waiting_.begin());
    next_ = first.key() + 1;
    return std::move(first.mapped());
  }

  std::size_t patience_;
  std::int64_t next_ = 0;
  std::map<std::int64_t, Frame> waiting_;
};

}  // namespace support

#endif  // SUPPORT_FRAME_ORDER_H_
