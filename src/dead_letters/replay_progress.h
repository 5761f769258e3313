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

/// What became of each dead letter of a replay, and how far the replay's group may remember it: never beyond a dead
/// letter that is not acknowledged, because the next replay begins there.
///
/// Thread safety: all functions may be called from any thread.
class ReplayProgress {
 public:
  /// A dead letter is being sent. @param offset above all that were begun or passed over in its partition
  void begin(std::int32_t partition, std::int64_t offset);
  void acknowledge(std::int32_t partition, std::int64_t offset);
  void fail(std::int32_t partition, std::int64_t offset, std::string why);
  /// A record that is not sent at all. @param offset as in begin()
  void pass_over(std::int32_t partition, std::int64_t offset);

  /// The offsets to commit, by partition; partitions where nothing new is finished are left out.
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
