#ifndef CONVEYOR_SRC_CONSUME_RETENTION_CHECK_H_
#define CONVEYOR_SRC_CONSUME_RETENTION_CHECK_H_

#include <cstdint>

#include "consume/member_context.h"

namespace conveyor::worker {

/// Reports offsets that were deleted before they were read: see RetentionWatch.
class RetentionCheck {
 public:
  explicit RetentionCheck(const MemberContext& member) : member_(member) {}

  /// The next record read is at `next`, although the position was `position`, below it.
  void skipped(Partition& partition, std::int64_t position, std::int64_t next, MemberClock::time_point now);
  /// At intervals, looks where all logs begin: a log start that lies in a gap would be forgotten by the time the gap is
  /// read.
  void look_at_all(MemberClock::time_point now);
  /// The partition leaves: reports deletions while its client still knows where the log began.
  void last_look(Partition& partition, MemberClock::time_point now);

 private:
  void look(Partition& partition, MemberClock::time_point now);

  const MemberContext member_;
  MemberClock::time_point next_look_ = {};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_RETENTION_CHECK_H_
