#ifndef CONVEYOR_SRC_WORKER_CRASH_GUARD_H_
#define CONVEYOR_SRC_WORKER_CRASH_GUARD_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "worker/crash_marks.h"

namespace conveyor::worker {

/// How the records of all partitions of a process are begun so that one on which the process dies is recognised after a
/// few restarts, and its neighbours are not blamed.
///
/// Before a record is begun a stored commit must allow it: it lies below the end of a lease, or, where a run has died
/// before, the commit names it and it is the only one in anybody's hands. A run that finds somebody else's open lease
/// knows that this other run died (or was cut off for longer than its session); a record found named in two runs one
/// after the other is what kills.
///
/// A decision without threads, clock or broker.
class CrashGuard {
 public:
  enum class Verdict {
    kGo,
    kWait,     ///< for others to finish
    kCommit,   ///< once a commit of what CrashMarks::note() says is stored
    kConvict,  ///< never: this is the record that kills
  };

  /// The partition takes part from now on; it must live until remove().
  void add(CrashMarks& marks) { all_.push_back(&marks); }
  void remove(const CrashMarks& marks) noexcept;

  /// May the partition's next record be begun? @param base its first offset that is not finished
  /// @param in_flight records of all partitions in somebody's hands
  [[nodiscard]] Verdict may_begin(CrashMarks& marks, std::int64_t offset, std::int64_t base, std::size_t in_flight);
  /// The partition has nothing to begin and nothing in flight.
  void idle(const CrashMarks& marks) noexcept;

 private:
  [[nodiscard]] bool named_but(const CrashMarks* one) const noexcept;

  std::vector<CrashMarks*> all_;
  bool names_ = false;  // records were named: looking at all partitions for each record would cost more than the record
  const CrashMarks* prober_ = nullptr;  // whose records are begun alone at present
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_CRASH_GUARD_H_
