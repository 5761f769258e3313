#ifndef CONVEYOR_SRC_CONSUME_COMPLETIONS_H_
#define CONVEYOR_SRC_CONSUME_COMPLETIONS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "consume/member_clock.h"
#include "consume/member_counters.h"
#include "consume/partition.h"
#include "kafka/wakeup.h"

namespace conveyor::worker {

/// What a transaction has committed of a partition, with a PartitionAttempts::plain_metadata.
struct TransactedOffset {
  std::int64_t offset = 0;
  std::int64_t lease_end = 0;
};

/// Brings what others report about records to the reading thread, which sleeps meanwhile.
///
/// Thread safety: add() from any thread, the others from the reading thread.
class Completions {
 public:
  /// The client wants to be served far more often than max.poll.interval.ms.
  static constexpr std::chrono::milliseconds kLongestSleep{500};

  /// How a record that was handed out has ended.
  struct Entry {
    Receipt receipt = {};
    bool done = false;                               ///< false: this member will not do it
    std::optional<TransactedOffset> committed = {};  ///< with it, by a transaction
  };

  explicit Completions(std::shared_ptr<kafka::Wakeup> wakeup) : wakeup_(std::move(wakeup)) {}

  void add(Entry entry);
  /// Tells the partitions, and counts.
  void apply(MemberCounters& counters);
  /// Until so many are reported, somebody signals the wakeup, or the time is over.
  void sleep(MemberClock& clock, std::chrono::milliseconds within, std::size_t completions);

 private:
  static constexpr std::size_t kAwake = 0;  // looks at reported_ before it sleeps

  const std::shared_ptr<kafka::Wakeup> wakeup_;
  std::mutex mutex_;
  std::size_t wake_at_ = kAwake;  // the size of reported_ that wakes the reading thread
  std::vector<Entry> reported_;
  std::vector<Entry> applied_;  // swapped with reported_, so that neither allocates for long
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_COMPLETIONS_H_
