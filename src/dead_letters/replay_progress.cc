#include "dead_letters/replay_progress.h"

#include <utility>

#include "dead_letters/problems.h"

namespace conveyor::detail {

void ReplayProgress::begin(std::int32_t partition, std::int64_t offset) {
  const MutexLock lock{mutex_};
  trackers_[partition].read(offset);
}

void ReplayProgress::acknowledge(std::int32_t partition, std::int64_t offset) {
  const MutexLock lock{mutex_};
  ++acknowledged_;
  trackers_[partition].finish(offset);
}

void ReplayProgress::fail(std::int32_t partition, std::int64_t offset, std::string why) {
  const MutexLock lock{mutex_};
  ++failed_;
  add_problem(problems_, {partition, offset, std::move(why)});
}

void ReplayProgress::pass_over(std::int32_t partition, std::int64_t offset) {
  const MutexLock lock{mutex_};
  worker::OffsetTracker& tracker = trackers_[partition];
  tracker.read(offset);
  tracker.finish(offset);
}

std::map<std::int32_t, std::int64_t> ReplayProgress::committable() const {
  const MutexLock lock{mutex_};
  std::map<std::int32_t, std::int64_t> next;
  for (const auto& [partition, tracker] : trackers_) {
    if (const auto offset = tracker.committable()) next[partition] = *offset;
  }
  return next;
}

ReplayReport ReplayProgress::report(DeadLettersReport scanned) const {
  const MutexLock lock{mutex_};
  ReplayReport report{.matched = scanned.matched,
                      .sent = acknowledged_,
                      .failed = failed_,
                      .foreign = scanned.foreign,
                      .problems = problems_,
                      .stopped = scanned.stopped};
  for (auto& problem : scanned.problems) add_problem(report.problems, std::move(problem));
  return report;
}

}  // namespace conveyor::detail
