#ifndef CONVEYOR_SRC_PRODUCE_DELIVERY_LOOP_H_
#define CONVEYOR_SRC_PRODUCE_DELIVERY_LOOP_H_

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "kafka/client.h"
#include "kafka/producer_handle.h"
#include "produce/delivery_texts.h"
#include "produce/ended_sends.h"
#include "produce/producer_recovery.h"
#include "produce/producer_state.h"
#include "produce/resend.h"
#include "produce/resolver.h"
#include "produce/shared_handle.h"
#include "produce/waitable_clock.h"

namespace conveyor::kafka {

/// The delivery thread's side of a producer. It takes the client's delivery reports and resolves sends. When the client
/// fails, it carries out the steps that ProducerRecovery decides.
///
/// Thread safety: for the delivery thread only, except begin_close(), stop() and stopped().
class DeliveryLoop {
 public:
  struct Parts {
    ProducerState& state;
    const DeliveryTexts& texts;
    Reporter& reporter;
    WaitableClock& clock;
    MakeProducerHandle make_handle;
    std::function<double()> random;  ///< in [0, 1)
  };

  /// Creates the first client. @throws any exception of its creation
  DeliveryLoop(Parts parts, const ProducerRecovery::Settings& recovery);

  /// Takes reports, after a short wait for them, and does what is due.
  void run_once();

  /// From now on sends only end; nothing is sent again.
  void begin_close() noexcept { closing_.store(true, std::memory_order_release); }
  /// run_once() will not be called again.
  void stop() noexcept { stopping_.store(true, std::memory_order_release); }
  [[nodiscard]] bool stopped() const noexcept { return stopping_.load(std::memory_order_acquire); }
  /// Call after the last run_once(). Resolves the sends that no client reported, and destroys all clients, for a
  /// limited time.
  void end();

 private:
  void on_delivery_reports(const std::vector<SendReport>& reports);
  /// @return false when the report does not resolve the send
  [[nodiscard]] bool classify_failure(const SendReport& report, Resolution& resolution);
  void step();
  void on_client_failed();
  void give_up_client();
  void rebuild();
  void send_again();
  void on_recovered();
  void resolve_ended(bool at_once);
  void destroy_old_handles();
  [[nodiscard]] Resolution resolution_of(const EndedSend& ended) const;
  [[nodiscard]] std::vector<Resolution> resolutions_of(const std::vector<EndedSend>& ended) const;
  [[nodiscard]] bool closing() const noexcept { return closing_.load(std::memory_order_acquire); }
  [[nodiscard]] std::size_t with_client() const;

  const Parts parts_;
  ProducerState& state_;
  Resolver resolver_;
  SharedHandle* handle_ = nullptr;  // the same as state_.handle
  ProducerRecovery recovery_;
  Resend resend_;
  std::vector<std::unique_ptr<SharedHandle>> old_handles_;
  std::vector<SendReport> reports_;
  std::string failure_;  // the text of the client's last failure
  WaitableClock::TimePoint next_look_{};
  std::chrono::milliseconds pause_{100};
  std::atomic<bool> closing_{false};
  std::atomic<bool> stopping_{false};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_DELIVERY_LOOP_H_
