#ifndef CONVEYOR_SRC_PRODUCE_SEND_REGISTRY_H_
#define CONVEYOR_SRC_PRODUCE_SEND_REGISTRY_H_

#include <cstddef>
#include <cstdint>
#include <utility>

#include "conveyor/counters.h"
#include "conveyor/producer.h"
#include "kafka/producer_record.h"

namespace conveyor::kafka {

/// The sends that a producer has accepted and not resolved, in the order of acceptance, and those that it resolved
/// although a client still has them; both count for the bounds of the queue. Each send is with the present client or
/// waits for the next one.
///
/// Owns no send. Plain data, guarded by its owner's mutex.
class SendRegistry {
 public:
  struct Bounds {
    std::size_t messages = 0;
    std::size_t bytes = 0;  ///< of keys and values
  };

  explicit SendRegistry(const Bounds& bounds) : bounds_(bounds) {}

  /// Whether a send of this size may be accepted. An empty registry accepts any size.
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept {
    const std::size_t messages = counters_.in_flight + expired_messages_;
    if (messages == 0) return true;
    return messages < bounds_.messages && counters_.in_flight_bytes + expired_bytes_ + bytes <= bounds_.bytes;
  }

  /// @param with_client true: the send is about to be handed to the client; false: it waits for the next client
  void accept(ProducerRecord* send, std::size_t message_bytes, bool with_client) noexcept {
    send->sequence = ++last_sequence_;
    sends_.add(send);
    ++counters_.in_flight;
    counters_.in_flight_bytes += send->key_and_value_bytes();
    ++counters_.accepted;
    counters_.message_bytes += message_bytes;
    counters_.record_bytes += send->record_bytes();
    send->with_client = with_client;
    if (with_client) return;
    ++waiting_;
    if (unsent_ == nullptr) unsent_ = send;
  }
  /// The client refused a send that was accepted just now, with the same number of bytes.
  void undo_accept(ProducerRecord* send, std::size_t message_bytes) noexcept {
    unlink(send);
    --counters_.accepted;
    counters_.message_bytes -= message_bytes;
    counters_.record_bytes -= send->record_bytes();
  }
  void count_refused(bool dropped) noexcept {
    ++counters_.refused;
    if (dropped) ++counters_.dropped;
  }

  void hand_over(ProducerRecord* send) noexcept {
    send->with_client = true;
    --waiting_;
  }
  /// The client refused the send because it has failed, or never got the send.
  void take_back(ProducerRecord* send) noexcept {
    send->with_client = false;
    ++waiting_;
  }
  /// The client had the send, and gave it back or is given up. @param possibly_stored whether a broker may have stored
  /// it
  void take_back(ProducerRecord* send, bool possibly_stored) noexcept {
    take_back(send);
    send->may_repeat = possibly_stored;
    send->possibly_stored = send->possibly_stored || possibly_stored;
  }

  /// The send may be destroyed.
  void resolve(ProducerRecord* send, bool failed) noexcept {
    unlink(send);
    ++(failed ? counters_.failed : counters_.delivered);
  }
  /// The send failed, but its client has not reported about it.
  void expire(ProducerRecord* send) noexcept;
  /// The client of an expired send has reported at last; the send may be destroyed.
  void remove_expired(ProducerRecord* send) noexcept;
  /// The sends that the client has not reported count as possibly stored. Calls `keep` with each of them. Calls
  /// `keep_expired` with the expired ones and transfers their ownership to it.
  template <class Keep, class KeepExpired>
  void give_up_client(const Keep& keep, const KeepExpired& keep_expired) {
    for (ProducerRecord* send = sends_.oldest; send != nullptr; send = send->next) {
      if (!send->with_client) continue;
      keep(send);
      take_back(send, true);
    }
    for (ProducerRecord* send = expired_.oldest; send != nullptr;) {
      ProducerRecord* next = send->next;
      keep_expired(send);
      send = next;
    }
    expired_ = {};
    expired_messages_ = 0;
    expired_bytes_ = 0;
  }

  /// There is a new client: it gets the waiting sends, from the oldest on.
  void begin_resend() noexcept { unsent_ = sends_.oldest; }
  /// The first send not looked at by the present resend; null: none.
  [[nodiscard]] ProducerRecord* unsent() const noexcept { return unsent_; }
  void set_unsent(ProducerRecord* send) noexcept { unsent_ = send; }
  void count_possible_duplicates(std::uint64_t sends) noexcept { counters_.possible_duplicates += sends; }
  void end_resend() noexcept {
    resent_up_to_ = last_sequence_;
    ++counters_.recoveries;
  }
  /// Whether the client enforces the send's timeout. A client counts from when it gets a send, which is too late for
  /// one that was sent again.
  [[nodiscard]] bool is_timed_by_client(const ProducerRecord& send) const noexcept {
    return send.sequence > resent_up_to_;
  }

  [[nodiscard]] ProducerRecord* oldest() const noexcept { return sends_.oldest; }
  [[nodiscard]] std::uint64_t last_sequence() const noexcept { return last_sequence_; }
  [[nodiscard]] bool resolved_up_to(std::uint64_t sequence) const noexcept {
    return sends_.oldest == nullptr || sends_.oldest->sequence > sequence;
  }
  /// How many sends no client has.
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_; }
  [[nodiscard]] std::size_t with_client() const noexcept { return counters_.in_flight - waiting_; }
  [[nodiscard]] std::size_t expired() const noexcept { return expired_messages_; }
  [[nodiscard]] const ProducerCounters& counters() const noexcept { return counters_; }
  /// What was resolved since the last report.
  [[nodiscard]] FlushReport report_since_last() noexcept;

 private:
  void unlink(ProducerRecord* send) noexcept {
    if (unsent_ == send) unsent_ = send->next;
    sends_.remove(send);
    if (!send->with_client) --waiting_;
    --counters_.in_flight;
    counters_.in_flight_bytes -= send->key_and_value_bytes();
  }

  const Bounds bounds_;
  SendList sends_;    // accepted and not resolved
  SendList expired_;  // resolved, but their client still has them
  std::size_t expired_messages_ = 0;
  std::size_t expired_bytes_ = 0;
  std::size_t waiting_ = 0;  // of sends_: those that no client has
  ProducerRecord* unsent_ = nullptr;
  std::uint64_t resent_up_to_ = 0;
  std::uint64_t last_sequence_ = 0;
  ProducerCounters counters_;
  FlushReport reported_;  // the totals at the last report
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_SEND_REGISTRY_H_
