#ifndef CONVEYOR_SRC_PRODUCE_ENDED_SENDS_H_
#define CONVEYOR_SRC_PRODUCE_ENDED_SENDS_H_

#include <vector>

#include "produce/producer_recovery.h"
#include "produce/send_registry.h"

namespace conveyor::kafka {

/// A send that no report will resolve, and its fate.
struct EndedSend {
  ProducerRecord* send = nullptr;
  Fate fate = Fate::kLeave;
};

/// Sends that no report will resolve, or not in time.
struct EndedSends {
  std::vector<EndedSend> ended = {};    ///< no client has them
  std::vector<EndedSend> expired = {};  ///< their client still has them, but began to count their timeout too late
};
[[nodiscard]] EndedSends find_ended_sends(const SendRegistry& registry, const ProducerRecovery& recovery,
                                          ProducerRecovery::Clock::time_point now);

[[nodiscard]] inline Unresolved unresolved(const ProducerRecord& send) noexcept {
  return {.with_client = send.with_client, .possibly_stored = send.possibly_stored, .due = send.due};
}
/// Whether the fate resolves the send, as failed.
[[nodiscard]] inline bool ends(Fate fate) noexcept { return fate != Fate::kLeave && fate != Fate::kSendAgain; }

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_ENDED_SENDS_H_
