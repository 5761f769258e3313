#include "produce/ended_sends.h"

namespace conveyor::kafka {

EndedSends find_ended_sends(const SendRegistry& registry, const ProducerRecovery& recovery,
                            ProducerRecovery::Clock::time_point now) {
  EndedSends found;
  for (ProducerRecord* send = registry.oldest(); send != nullptr; send = send->next) {
    // Otherwise the client has all sends and enforces their timeouts.
    if (registry.waiting() == 0 && registry.is_timed_by_client(*send)) break;
    const Fate fate = recovery.fate_of(unresolved(*send), now);
    if (!ends(fate)) continue;
    if (send->with_client && registry.is_timed_by_client(*send)) continue;
    (send->with_client ? found.expired : found.ended).push_back({send, fate});
  }
  return found;
}

}  // namespace conveyor::kafka
