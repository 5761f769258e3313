#ifndef CONVEYOR_SRC_DEAD_LETTERS_REPLAY_PROGRESS_H_
#define CONVEYOR_SRC_DEAD_LETTERS_REPLAY_PROGRESS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/thread_annotations.h"
#include "consume/offset_tracker.h"
#include "conveyor/dead_letters.h"

namespace conveyor::detail {

/// Tracks the result of each dead letter of a replay, and the offsets that the replay's group may commit. It never
/// passes a dead letter that is not acknowledged, because the next replay must begin there.
///
/// Thread safety: all functions may be called from any thread.
class ReplayProgress {
 public:
  /// Call this before a dead letter is sent.
  /// @param offset must be above all earlier ones of begin() and pass_over() in this partition
  void begin(std::int32_t partition, std::int64_t offset);
  void acknowledge(std::int32_t partition, std::int64_t offset);
  void fail(std::int32_t partition, std::int64_t offset, std::string why);
  /// Call this for a record that is not sent at all. @param offset as in begin()
  void pass_over(std::int32_t partition, std::int64_t offset);

  /// The offsets to commit, by partition. Partitions without newly finished records are left out.
  [[nodiscard]] std::map<std::int32_t, std::int64_t> committable() const;

  /// @param scanned what the scan counted and found
  [[nodiscard]] ReplayReport report(DeadLettersReport scanned) const;

 private:
  mutable Mutex mutex_;
  std::map<std::int32_t, worker::OffsetTracker> trackers_ CONVEYOR_GUARDED_BY(mutex_);
  std::uint64_t acknowledged_ CONVEYOR_GUARDED_BY(mutex_) = 0;
  std::uint64_t failed_ CONVEYOR_GUARDED_BY(mutex_) = 0;
  std::vector<DeadLetterProblem> problems_ CONVEYOR_GUARDED_BY(mutex_);
};

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_REPLAY_PROGRESS_H_
