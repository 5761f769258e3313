#include "consume/stall_check.h"

#include <vector>

#include "consume/member_events.h"

namespace conveyor::worker {
namespace {

constexpr std::chrono::milliseconds kEndsWithin{4'000};

}  // namespace

std::optional<std::string> StallCheck::check(MemberClock::time_point now) {
  if (ends_->asking()) {
    std::optional<std::string> stalled;
    for (const auto& asked : ends_->take()) {
      if (auto found = on_answer(asked, now); found && !stalled) stalled = std::move(found);
    }
    return stalled;
  }
  if (!watch_.must_look(now)) return {};
  watch_.looked(now);
  ask();
  return {};
}

void StallCheck::ask() {
  std::vector<PartitionLookup::Question> questions;
  for (const auto& partition : member_.partitions) {
    if (partition->waits_for_records()) {
      // While nothing arrives nothing is committed either, so no commit asks whether the log is still the same. A
      // recreated log may be as long as the old one.
      const bool stored = partition->log.is_stored();
      questions.push_back({.partition = partition.get(), .where = partition->where, .log = true, .committed = stored});
    } else {
      forget(partition->where);
    }
  }
  if (!questions.empty()) ends_->ask(std::move(questions), kEndsWithin);
}

std::optional<std::string> StallCheck::on_answer(const PartitionLookup::Question& asked, MemberClock::time_point now) {
  const PartitionPtr partition = member_.find(asked.partition, asked.where);
  if (partition == nullptr) return {};
  if (asked.stored.value_or(0) < 0 && partition->log.is_stored()) logs_.doubt(*partition, &ReplacedLogWatch::missing);
  if (!asked.range || !partition->waits_for_records()) {
    forget(asked.where);
    return {};
  }
  // Nothing was read, and the client would have reported the end of the log: so everything in the log is still to be
  // read.
  const std::int64_t position = partition->tracker.position().value_or(asked.range->begin);
  const std::int64_t passed = member_.client->passed(asked.where);
  if (!watch_.waits(key_of(asked.where), position, passed, asked.range->end, now)) return {};
  return member_events::stalled(asked.where, position, asked.range->end, member_.options.stalled_after);
}

}  // namespace conveyor::worker
