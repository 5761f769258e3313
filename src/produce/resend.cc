#include "produce/resend.h"

#include <utility>

namespace conveyor::kafka {

void Resend::begin(SendRegistry& registry) noexcept {
  registry.begin_resend();
  accepted_before_ = registry.last_sequence();
}

Resend::Batch Resend::pick(SendRegistry& registry, SharedHandle& handle, const ProducerRecovery& recovery,
                           ProducerRecovery::Clock::time_point now) const {
  Batch batch;
  ProducerRecord* send = registry.unsent();
  batch.last = send == nullptr || send->sequence > accepted_before_;
  for (; send != nullptr && (batch.last || batch.sends.size() < kSentAtOnce); send = send->next) {
    const Fate fate = recovery.fate_of(unresolved(*send), now);
    if (ends(fate)) batch.ended.push_back({send, fate});
    if (fate != Fate::kSendAgain) continue;
    registry.hand_over(send);
    batch.sends.push_back({send, handle.topic(send->topic())});
  }
  registry.set_unsent(send);
  return batch;
}

bool Resend::hand_over(Batch& batch, ProducerHandle& handle) {
  std::uint64_t sent = 0;
  for (const auto& [send, topic] : batch.sends) {
    const auto code = topic != nullptr ? handle.produce(*send, topic) : RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION;
    if (code == RD_KAFKA_RESP_ERR__FATAL || code == RD_KAFKA_RESP_ERR__QUEUE_FULL) break;
    ++batch.handed_over;
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      batch.refused.push_back({send, code});
      continue;
    }
    ++sent;
    if (std::exchange(send->may_repeat, false)) ++batch.possibly_doubled;
  }
  totals_.sent += sent;
  totals_.possibly_doubled += batch.possibly_doubled;
  return batch.handed_over == batch.sends.size();
}

bool Resend::complete(SendRegistry& registry, const Batch& batch) noexcept {
  registry.count_possible_duplicates(batch.possibly_doubled);
  if (batch.handed_over < batch.sends.size()) registry.set_unsent(batch.sends[batch.handed_over].send);
  for (std::size_t i = batch.handed_over; i < batch.sends.size(); ++i) registry.take_back(batch.sends[i].send);
  if (!batch.last || registry.unsent() != nullptr) return false;
  registry.end_resend();
  return true;
}

Resend::Totals Resend::take_totals() noexcept { return std::exchange(totals_, {}); }

}  // namespace conveyor::kafka
