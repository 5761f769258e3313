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

/// Hands what waits in a registry to a new client, oldest first, batch by batch: pick() with the registry's mutex,
/// hand_over() without, complete() with it.
///
/// What was accepted since begin() goes in one last batch, for which the mutex is kept from pick() to complete(), while
/// nothing more is accepted: senders are many, and could stay ahead of this one thread for ever.
///
/// Reports are taken by the thread that does this: no send of a batch is destroyed meanwhile.
class Resend {
 public:
  static constexpr std::size_t kSentAtOnce = 256;

  struct Batch {
    struct Unsent {
      ProducerRecord* send = nullptr;
      rd_kafka_topic_t* topic = nullptr;  ///< null: its name is not legal
    };
    struct Refused {
      ProducerRecord* send = nullptr;
      rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    };
    std::vector<Unsent> sends = {};
    std::vector<EndedSend> ended = {};   ///< to be resolved instead
    std::vector<Refused> refused = {};   ///< to be resolved too: no client would take it
    std::size_t handed_over = 0;         ///< of sends, and refused: the others wait again
    std::uint64_t possibly_doubled = 0;  ///< of the sends handed over
    bool last = false;
  };
  /// Since the client failed.
  struct Totals {
    std::uint64_t sent = 0;
    std::uint64_t possibly_doubled = 0;
  };

  /// A new client is there.
  void begin(SendRegistry& registry) noexcept;
  [[nodiscard]] Batch pick(SendRegistry& registry, SharedHandle& handle, const ProducerRecovery& recovery,
                           ProducerRecovery::Clock::time_point now) const;
  /// @return false when the client takes no more at present
  bool hand_over(Batch& batch, ProducerHandle& handle);
  /// @return whether nothing waits any more
  bool complete(SendRegistry& registry, const Batch& batch) noexcept;

  /// @return the totals, which begin at zero again
  Totals take_totals() noexcept;

 private:
  std::uint64_t accepted_before_ = 0;  // the new client was there
  Totals totals_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_RESEND_H_
