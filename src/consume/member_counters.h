#ifndef CONVEYOR_SRC_CONSUME_MEMBER_COUNTERS_H_
#define CONVEYOR_SRC_CONSUME_MEMBER_COUNTERS_H_

#include <atomic>
#include <cstdint>

#include "conveyor/counters.h"

namespace conveyor::worker {

/// Counters that the threads with handlers update. Thread safety: any thread.
struct HandlerCounters {
  std::atomic<std::uint64_t> decode_errors{0};
  std::atomic<std::uint64_t> tombstones{0};
  std::atomic<std::uint64_t> handler_errors{0};
};

/// Counters of a member. The member's thread writes, any thread reads.
struct MemberCounters {
  std::atomic<std::uint64_t> received{0};
  std::atomic<std::uint64_t> received_bytes{0};
  std::atomic<std::uint64_t> handled{0};
  std::atomic<std::uint64_t> stale{0};
  std::atomic<std::uint64_t> commits{0};
  std::atomic<std::uint64_t> commit_errors{0};
  std::atomic<std::uint64_t> rebalances{0};
  std::atomic<std::uint64_t> recoveries{0};
  std::atomic<std::uint64_t> expired{0};
  std::atomic<std::uint64_t> in_flight{0};
  std::atomic<std::uint64_t> partitions{0};
  HandlerCounters handlers;

  [[nodiscard]] ConsumerCounters snapshot() const noexcept {
    return {.received = received,
            .received_bytes = received_bytes,
            .handled = handled,
            .decode_errors = handlers.decode_errors,
            .tombstones = handlers.tombstones,
            .handler_errors = handlers.handler_errors,
            .stale = stale,
            .commits = commits,
            .commit_errors = commit_errors,
            .rebalances = rebalances,
            .in_flight = in_flight,
            .partitions = partitions,
            .recoveries = recoveries,
            .expired = expired};
  }
};

/// Adds to a counter that only the member's thread writes, without the cost of a locked instruction.
inline void grow(std::atomic<std::uint64_t>& counter, std::uint64_t by) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}
inline void shrink(std::atomic<std::uint64_t>& counter, std::uint64_t by) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) - by, std::memory_order_relaxed);
}

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_MEMBER_COUNTERS_H_
