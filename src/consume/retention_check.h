#ifndef CONVEYOR_SRC_CONSUME_RETENTION_CHECK_H_
#define CONVEYOR_SRC_CONSUME_RETENTION_CHECK_H_

#include <cstdint>

#include "consume/member_context.h"

namespace conveyor::worker {

/// Tells what was deleted before it was read: see RetentionWatch.
class RetentionCheck {
 public:
  explicit RetentionCheck(const MemberContext& member) : member_(member) {}

  /// Reading goes from `position` to `next`, above it.
  void skipped(Partition& partition, std::int64_t position, std::int64_t next, MemberClock::time_point now);
  /// Where all logs begin, now and then: a start that was passed meanwhile would not be known any more when its records
  /// are read.
  void look_at_all(MemberClock::time_point now);
  /// The partition goes: what was skipped of it is told while its client knows.
  void last_look(Partition& partition, MemberClock::time_point now);

 private:
  void look(Partition& partition, MemberClock::time_point now);

  const MemberContext member_;
  MemberClock::time_point next_look_ = {};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_RETENTION_CHECK_H_
