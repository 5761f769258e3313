#ifndef CONVEYOR_SRC_CONSUME_POISON_POLICY_H_
#define CONVEYOR_SRC_CONSUME_POISON_POLICY_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "consume/partition_attempts.h"

namespace conveyor::worker {

/// How the records of all partitions of a process are begun so that one on which the process dies is recognised after a
/// few restarts, and its neighbours are not blamed.
///
/// Before a record is begun a stored commit must allow it: it lies below the end of a lease, or, where a run has died
/// before, the commit names it and it is the only one in anybody's hands. A run that finds somebody else's open lease
/// knows that this other run died (or was cut off for longer than its session); a record found named in two runs one
/// after the other is what kills.
///
/// Unless the process dies by itself, whatever it has in hand. So before a record is begun again on which runs died by
/// name, or given up, the process must live with nothing in hand for a time that grows with those deaths; a run that
/// ends meanwhile acquits the record.
///
/// A decision without threads, clock or broker.
class PoisonPolicy {
 public:
  using Clock = std::chrono::steady_clock;

  enum class Verdict {
    kGo,
    kWait,     ///< for others to finish, or until waits_until()
    kCommit,   ///< once a commit of what PartitionAttempts::metadata() says is stored
    kCondemn,  ///< never: this is the record that kills
  };

  /// @param probation how long the process must live with nothing in hand, for each death, before a record is begun
  ///                  again
  explicit PoisonPolicy(std::chrono::milliseconds probation) : probation_(probation) {}

  /// The partition takes part from now on; it must live until remove().
  void add(PartitionAttempts& attempts) { all_.push_back(&attempts); }
  void remove(const PartitionAttempts& attempts) noexcept;

  /// May the partition's next record be begun? @param base its first offset that is not finished
  /// @param in_flight records of all partitions in somebody's hands
  [[nodiscard]] Verdict may_begin(PartitionAttempts& attempts, std::int64_t offset, std::int64_t base,
                                  std::size_t in_flight, Clock::time_point now);
  /// When a record may be begun before which the process has to live with nothing in hand.
  [[nodiscard]] std::optional<Clock::time_point> waits_until() const noexcept { return waits_until_; }
  /// The partition has nothing to begin and nothing in flight.
  void idle(const PartitionAttempts& attempts) noexcept;

 private:
  [[nodiscard]] bool named_but(const PartitionAttempts* one) const noexcept;
  /// @return kGo once it has
  [[nodiscard]] Verdict live_on(PartitionAttempts& attempts, std::int64_t offset, Clock::time_point now);

  const std::chrono::milliseconds probation_;
  std::vector<PartitionAttempts*> all_;
  bool names_ = false;  // records were named: looking at all partitions for each record would cost more than the record
  const PartitionAttempts* prober_ = nullptr;  // whose records are begun alone at present
  std::optional<Clock::time_point> waits_until_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_POISON_POLICY_H_
