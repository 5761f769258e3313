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

/// The delivery thread's side of a producer: takes what the client reports, resolves sends, and when the client fails
/// does step by step what ProducerRecovery says.
///
/// Thread safety: of one thread, the delivery thread, but for begin_close(), stop() and stopped().
class DeliveryLoop {
 public:
  struct Parts {
    ProducerState& state;
    const DeliveryTexts& texts;
    Reporter& reporter;
    WaitableClock& clock;
    MakeProducerHandle make_handle;
    std::function<double()> random;  ///< from [0, 1)
  };

  /// Makes the first client. @throws what making it throws
  DeliveryLoop(Parts parts, const ProducerRecovery::Settings& recovery);

  /// Takes reports, waiting a little for them, and does what is due.
  void run_once();

  /// From now on everything ends, nothing is sent again.
  void begin_close() noexcept { closing_.store(true, std::memory_order_release); }
  /// run_once() is not to be called again.
  void stop() noexcept { stopping_.store(true, std::memory_order_release); }
  [[nodiscard]] bool stopped() const noexcept { return stopping_.load(std::memory_order_acquire); }
  /// After the last run_once(): resolves what no client reported, and destroys all clients, waiting only so long.
  void end();

 private:
  void on_delivery_reports(const std::vector<SendReport>& reports);
  /// @return false when the send is not resolved by the report
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
  SharedHandle* handle_ = nullptr;  // state_.handle
  ProducerRecovery recovery_;
  Resend resend_;
  std::vector<std::unique_ptr<SharedHandle>> old_handles_;
  std::vector<SendReport> reports_;
  std::string failure_;  // the client's last
  WaitableClock::TimePoint next_look_{};
  std::chrono::milliseconds pause_{100};
  std::atomic<bool> closing_{false};
  std::atomic<bool> stopping_{false};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_DELIVERY_LOOP_H_
