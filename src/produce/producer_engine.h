#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_ENGINE_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_ENGINE_H_

#include <functional>
#include <memory>

#include "conveyor/config.h"
#include "conveyor/producer.h"
#include "kafka/client.h"
#include "kafka/producer_handle.h"
#include "produce/delivery_loop.h"
#include "produce/delivery_texts.h"
#include "produce/producer_recovery.h"
#include "produce/producer_state.h"
#include "produce/send_queue.h"
#include "produce/waitable_clock.h"

namespace conveyor::kafka {

/// A producer without its thread: the queue for the senders, the loop that resolves the sends, and what both share.
/// Every accepted send resolves exactly once, by a report or when it is given up here, because destroying a client
/// reports nothing.
///
/// The owner calls run_once() on one thread until stopped(). At the end it calls close_queue(), stop() and, when that
/// thread has ended, end().
///
/// Thread safety: the queue's functions, close_queue() and stop() may be called from any thread.
class ProducerEngine {
 public:
  struct Surroundings {
    std::shared_ptr<Reporter> reporter;
    MakeProducerHandle make_handle;
    WaitableClock& clock;
    std::function<double()> random;  ///< in [0, 1)
  };

  /// @param recovery its `resend` is ignored: that of the options counts
  /// @throws any exception of the client's creation
  ProducerEngine(const Config& config, const ProducerOptions& options, ProducerRecovery::Settings recovery,
                 const Surroundings& surroundings);
  ProducerEngine(const ProducerEngine&) = delete;
  ProducerEngine& operator=(const ProducerEngine&) = delete;

  [[nodiscard]] SendQueue& queue() noexcept { return queue_; }
  [[nodiscard]] const SendQueue& queue() const noexcept { return queue_; }

  /// The calling thread takes the delivery reports from now on.
  void begin();
  void run_once() { loop_.run_once(); }

  /// Waits up to ProducerOptions::close_timeout until every send is resolved, and a little longer for those that are
  /// then given up.
  void close_queue();
  /// The thread shall end.
  void stop();
  [[nodiscard]] bool stopped() const noexcept { return loop_.stopped(); }
  /// Resolves the remaining sends, and refuses new ones.
  void end() { loop_.end(); }

 private:
  const ProducerOptions options_;
  const DeliveryTexts texts_;
  ProducerState state_;
  SendQueue queue_;
  DeliveryLoop loop_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_ENGINE_H_
