#ifndef IMAGE_MESSAGING_FRAME_JOIN_H_
#define IMAGE_MESSAGING_FRAME_JOIN_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"

namespace image_messaging {

struct JoinOptions {
  std::size_t most_frames = 64;                     ///< that wait for their prediction; of more the oldest goes without
  std::size_t most_bytes = std::size_t{64} << 20;   ///< of these frames; one may be larger
  std::size_t most_predictions = 256;               ///< that wait for their frame; of more the oldest is dropped
  std::chrono::milliseconds frame_patience{2'000};  ///< how long a frame waits for its prediction
  std::chrono::milliseconds prediction_patience{10'000};  ///< how long a prediction waits for its frame
};

/// A frame on its way to the viewers.
struct LabelledFrame {
  conveyor::v1::Image image = {};
  std::optional<conveyor::v1::Prediction> prediction = {};  ///< none: it did not come in time
  std::chrono::system_clock::time_point written = {};       ///< when the frame's record was written
};

/// What became of what came.
struct JoinCounts {
  std::int64_t frames = 0;                ///< that came: labelled + unlabelled + those that wait
  std::int64_t labelled = 0;              ///< went on with their prediction
  std::int64_t unlabelled = 0;            ///< went on without
  std::int64_t repeated_frames = 0;       ///< came again
  std::int64_t repeated_predictions = 0;  ///< came again, or after their frame had gone on without
  std::int64_t lone_predictions = 0;      ///< whose frame did not come in time
};

/// Brings frames and their predictions together, whichever comes first.
///
/// A prediction that names the record it was made from (Prediction::input) belongs to the frame of that record. Others,
/// as MessageCorps makes them, belong to the frame of their number that waits longest: its Prediction has nothing else,
/// not even the source.
///
/// Thread safety: as a standard container.
class FrameJoin {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit FrameJoin(const JoinOptions& options) : options_(options) {}

  /// @param record where the frame lies: topic, partition, offset, and the uuid of its message
  void add(const conveyor::v1::InputRecord& record, LabelledFrame frame, Time now);
  void add(conveyor::v1::Prediction prediction, Time now);
  /// Sends on what waited too long.
  void expire(Time now);
  /// Sends on all frames that wait: no more predictions will come.
  void finish();

  /// The next frame that goes on; call it until there is none.
  std::optional<LabelledFrame> take();

  [[nodiscard]] const JoinCounts& counts() const noexcept { return counts_; }
  [[nodiscard]] std::size_t waiting_frames() const noexcept { return frames_.size(); }
  [[nodiscard]] std::size_t waiting_predictions() const noexcept { return predictions_.size(); }

 private:
  struct WaitingFrame {
    std::string record;
    LabelledFrame frame;
    std::size_t bytes = 0;
    Time since = {};
  };
  struct WaitingPrediction {
    std::string record;  // empty: it does not say
    conveyor::v1::Prediction prediction;
    Time since = {};
  };

  void go_on(std::deque<WaitingFrame>::iterator frame, std::optional<conveyor::v1::Prediction> prediction);
  void remember(std::string record);

  static constexpr std::size_t kRemembered = 1'024;  // records whose frame has gone on

  JoinOptions options_;
  std::deque<WaitingFrame> frames_;  // the oldest first; so few that looking through them is quick
  std::size_t bytes_ = 0;
  std::deque<WaitingPrediction> predictions_;
  std::deque<std::string> gone_in_order_;
  std::set<std::string> gone_;
  std::deque<LabelledFrame> ready_;
  JoinCounts counts_;
};

}  // namespace image_messaging

#endif  // IMAGE_MESSAGING_FRAME_JOIN_H_
