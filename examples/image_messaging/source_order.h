#ifndef IMAGE_MESSAGING_SOURCE_ORDER_H_
#define IMAGE_MESSAGING_SOURCE_ORDER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "frame_join.h"
#include "support/frame_order.h"

namespace image_messaging {

struct OrderOptions {
  std::size_t patience_frames = 32;           ///< of a source that wait for a missing one
  std::chrono::milliseconds patience{1'000};  ///< how long they do
  std::size_t most_sources = 16;              ///< of more, the one that was quiet longest is forgotten
};

/// Puts the frames of each source into order: they come through several partitions and labellers.
///
/// A capture that is restarted counts from 0 again. A frame with a lower number was captured later then; where frames
/// do not say when they were captured (MessageCorps), its number is far below the last one.
///
/// Thread safety: as a standard container.
class SourceOrder {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit SourceOrder(const OrderOptions& options) : options_(options) {}

  void add(LabelledFrame frame, Time now);
  /// Gives up what is missing for too long.
  void expire(Time now);
  /// Gives up all that is missing: no more frames will come.
  void finish();
  /// The next frame whose turn it is; call it until there is none.
  std::optional<LabelledFrame> take();

  /// Frames that came after their turn; they are left out.
  [[nodiscard]] std::int64_t late() const noexcept { return late_; }
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }

 private:
  struct Lane {
    support::FrameOrder<LabelledFrame> order;
    std::int64_t last = -1;             // the number that had its turn
    std::int64_t last_captured_us = 0;  // 0: not known
    std::size_t waiting = 0;
    Time moved = {};
  };

  [[nodiscard]] bool restarted(const Lane& lane, const conveyor::v1::Image& image) const;
  Lane& lane_of(const std::string& source, Time now);
  void release(Lane& lane, std::optional<LabelledFrame> frame, Time now);
  void release_all(Lane& lane, Time now);

  OrderOptions options_;
  std::map<std::string, Lane> lanes_;
  std::deque<LabelledFrame> ready_;
  std::size_t waiting_ = 0;
  std::int64_t late_ = 0;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_SOURCE_ORDER_H_
