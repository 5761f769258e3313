#include "produce/send_registry.h"

namespace conveyor::kafka {

void SendRegistry::expire(ProducerRecord* send) noexcept {
  resolve(send, true);
  send->expired = true;
  expired_.add(send);
  ++expired_messages_;
  expired_bytes_ += send->key_and_value_bytes();
}

void SendRegistry::remove_expired(ProducerRecord* send) noexcept {
  expired_.remove(send);
  --expired_messages_;
  expired_bytes_ -= send->key_and_value_bytes();
}

FlushReport SendRegistry::report_since_last() noexcept {
  const FlushReport report{.delivered = counters_.delivered - reported_.delivered,
                           .failed = counters_.failed - reported_.failed,
                           .left = counters_.in_flight};
  reported_ = {.delivered = counters_.delivered, .failed = counters_.failed};
  return report;
}

}  // namespace conveyor::kafka
