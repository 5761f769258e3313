#ifndef CONVEYOR_SRC_PRODUCE_RESEND_H_
#define CONVEYOR_SRC_PRODUCE_RESEND_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "produce/ended_sends.h"
#include "produce/producer_recovery.h"
#include "produce/send_registry.h"
#include "produce/shared_handle.h"

namespace conveyor::kafka {

/// Hands the sends that wait in a registry to a new client, oldest first, batch by batch: pick() and complete() are
/// called with the registry's mutex held, hand_over() without it.
///
/// Sends that were accepted since begin() go in one last batch. For it the mutex is held from pick() to complete(), so
/// that nothing more is accepted meanwhile: otherwise the many senders could stay ahead of this one thread for ever.
///
/// The same thread takes the delivery reports, so no send of a batch is destroyed meanwhile.
class Resend {
 public:
  static constexpr std::size_t kSentAtOnce = 256;

  struct Batch {
    struct Unsent {
      ProducerRecord* send = nullptr;
      rd_kafka_topic_t* topic = nullptr;  ///< null: the topic name is not legal
    };
    struct Refused {
      ProducerRecord* send = nullptr;
      rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    };
    std::vector<Unsent> sends = {};
    std::vector<EndedSend> ended = {};   ///< to be resolved instead of handed over
    std::vector<Refused> refused = {};   ///< to be resolved too, because no client would take them
    std::size_t handed_over = 0;         ///< sends, those refused included; the others wait again
    std::uint64_t possibly_doubled = 0;  ///< of the sends that were handed over
    bool last = false;
  };
  /// Counts since the client failed.
  struct Totals {
    std::uint64_t sent = 0;
    std::uint64_t possibly_doubled = 0;
  };

  /// There is a new client.
  void begin(SendRegistry& registry) noexcept;
  [[nodiscard]] Batch pick(SendRegistry& registry, SharedHandle& handle, const ProducerRecovery& recovery,
                           ProducerRecovery::Clock::time_point now) const;
  /// @return false when the client takes no more at present
  bool hand_over(Batch& batch, ProducerHandle& handle);
  /// @return whether no send waits any more
  bool complete(SendRegistry& registry, const Batch& batch) noexcept;

  /// @return the totals, which are then reset
  Totals take_totals() noexcept;

 private:
  std::uint64_t accepted_before_ = 0;  // before the new client was there
  Totals totals_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_RESEND_H_
