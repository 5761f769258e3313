#include "consume/replaced_log_watch.h"

namespace conveyor::worker {

ReplacedLogWatch::Verdict ReplacedLogWatch::answered(const Answer& answer, std::optional<std::int64_t> position,
                                                     milliseconds believe_after, Clock::time_point now) {
  if (!doubts()) return verified(answer, now);
  if (!answer.told) return Verdict::kWait;
  if (!position) return go_on();
  if (!answer.committed) return dropped(answer, now);
  dropped_since_.reset();
  if (!rewound_) return go_on();
  if (!answer.end) return Verdict::kWait;
  if (*answer.end >= *position) {
    shorter_since_.reset();
  } else if (!shorter_since_) {
    shorter_since_ = now;
  } else if (now - *shorter_since_ >= believe_after) {
    return end_doubt(Verdict::kStartOver);
  }
  return end_doubt(Verdict::kSeekBack);
}

}  // namespace conveyor::worker
