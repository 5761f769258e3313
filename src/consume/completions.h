#ifndef CONVEYOR_SRC_CONSUME_COMPLETIONS_H_
#define CONVEYOR_SRC_CONSUME_COMPLETIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/thread_annotations.h"
#include "consume/member_clock.h"
#include "consume/member_counters.h"
#include "consume/partition.h"
#include "kafka/wakeup.h"

namespace conveyor::worker {

/// What a transaction has committed for a partition, with the metadata of PartitionLease::plain_metadata().
struct TransactedOffset {
  std::int64_t offset = 0;
  std::int64_t lease_end = 0;
};

/// Passes the reports about finished records to the member's thread, which may be asleep.
///
/// Thread safety: add() may be called from any thread, the others from the member's thread.
class Completions {
 public:
  /// The longest sleep. The client must be polled far more often than max.poll.interval.ms.
  static constexpr std::chrono::milliseconds kLongestSleep{500};

  /// How the handling of a record ended.
  struct Entry {
    Receipt receipt = {};
    bool done = false;                               ///< false: this member will not finish it
    std::optional<TransactedOffset> committed = {};  ///< set when a transaction has committed it
  };

  explicit Completions(std::shared_ptr<kafka::Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}

  void add(Entry entry);
  /// Applies the reports to the partitions, and counts them.
  void apply(MemberCounters& counters);
  /// Sleeps until this many records are reported, somebody signals the wakeup, or the time is over.
  void sleep(MemberClock& clock, std::chrono::milliseconds within, std::size_t completions);

 private:
  static constexpr std::size_t kAwake = 0;  // the member's thread is awake and checks reported_ before it sleeps

  const std::shared_ptr<kafka::Wakeup> wakeup_;
  Mutex mutex_;
  std::size_t wake_at_ CONVEYOR_GUARDED_BY(mutex_) = kAwake;  // the size of reported_ that wakes the member's thread
  std::vector<Entry> reported_ CONVEYOR_GUARDED_BY(mutex_);
  std::vector<Entry> applied_;  // swapped with reported_, so that the memory of both is reused
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_COMPLETIONS_H_
