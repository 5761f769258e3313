#ifndef CONVEYOR_SRC_CONSUME_POISON_POLICY_H_
#define CONVEYOR_SRC_CONSUME_POISON_POLICY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "consume/partition_lease.h"

namespace conveyor::worker {

/// Controls when records are begun, over all partitions of a process, so that a record on which the process dies is
/// recognised after a few restarts and its neighbours are not suspected.
///
/// A stored commit must permit each record before it is begun. Normally the record must lie below the end of a lease,
/// which the commit metadata states. Where a run has died before, the metadata must name the record, and nothing else
/// may be in flight. A run that finds an open lease of another run knows that the other one died, or was cut off for
/// longer than its session. A record that was named when two runs died, one after the other, is what kills them.
///
/// The process may also die for another reason, whatever it handles. So before a record is begun again on which named
/// runs died, or before it is condemned, the process must live without any record in flight for a time that grows with
/// the number of those deaths. If the process dies during that time, the record is acquitted.
///
/// Pure: no threads, no clock, no broker.
class PoisonPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Verdict {
    kGo,
    kWait,     ///< wait for other records to finish, or until waits_until()
    kCommit,   ///< begin the record once a commit with PartitionLease::metadata() is stored
    kCondemn,  ///< do not handle it: this is the record that kills
  };

  /// @param probation how long the process must live with no record in flight, for each death, before a suspect is
  /// begun again
  explicit PoisonPolicy(std::chrono::milliseconds probation) : probation_(probation) {}

  /// Watches the partition from now on. The object must live until remove().
  void add(PartitionLease& lease) { all_.push_back(&lease); }
  void remove(const PartitionLease& lease) noexcept;

  /// May the partition's next record be begun?
  /// @param base the partition's first offset that is not finished
  /// @param in_flight the number of records in flight, of all partitions
  [[nodiscard]] Verdict may_begin(PartitionLease& lease, std::int64_t offset, std::int64_t base, std::size_t in_flight,
                                  Clock::time_point now);
  /// When the suspect may be begun for which the process lives without any record in flight; nothing while there is
  /// none.
  [[nodiscard]] std::optional<Clock::time_point> waits_until() const noexcept { return waits_until_; }
  /// The partition has nothing to begin and nothing in flight.
  void idle(const PartitionLease& lease) noexcept;

 private:
  [[nodiscard]] bool named_but(const PartitionLease* one) const noexcept;
  /// Waits out the probation. @return kGo once the process has lived for long enough
  [[nodiscard]] Verdict live_on(PartitionLease& lease, std::int64_t offset, Clock::time_point now);

  const std::chrono::milliseconds probation_;
  std::vector<PartitionLease*> all_;
  bool names_ = false;                      // some record was named; avoids a look at all partitions for each record
  const PartitionLease* prober_ = nullptr;  // the partition whose records are currently handled one at a time
  std::optional<Clock::time_point> waits_until_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_POISON_POLICY_H_
