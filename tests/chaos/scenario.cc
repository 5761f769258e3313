#include "chaos/scenario.h"

#include <cstdlib>
#include <random>

namespace conveyor::tests {

std::ostream& operator<<(std::ostream& stream, const Outcome& outcome) {
  stream << outcome.messages << " messages in " << outcome.took.count() / 1'000 << " s: " << outcome.sends.delivered
         << " sent, " << outcome.sends.failed << " not, " << outcome.sends.not_resolved_once << " not resolved once; "
         << outcome.missing << " missing, " << outcome.duplicates << " duplicates";
  if (outcome.backlog_limit > 0) {
    stream << " of " << outcome.duplicates_allowed << " allowed (at one kill " << outcome.largest_backlog << " of "
           << outcome.backlog_limit << ")";
  }
  stream << ", " << outcome.out_of_order << " out of order, " << outcome.dead_letters << " dead letters, "
         << outcome.kills << " kills, " << outcome.lost_sessions << " partitions lost, " << outcome.bad_exits
         << " bad exits";
  return stream << (outcome.logs.empty() ? "" : "\n") << outcome.logs;
}

std::uint64_t seed_of_run() {
  if (const char* seed = std::getenv("CHAOS_SEED")) return std::strtoull(seed, nullptr, 10);
  return std::random_device{}();
}

}  // namespace conveyor::tests
