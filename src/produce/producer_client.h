#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_CLIENT_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>

#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "conveyor/producer.h"
#include "kafka/client.h"
#include "kafka/producer_handle.h"
#include "kafka/producer_record.h"
#include "produce/producer_engine.h"
#include "produce/producer_recovery.h"
#include "produce/required_topics.h"
#include "produce/waitable_clock.h"

namespace conveyor::kafka {

/// What a ProducerClient has from outside. Without anything: librdkafka, a thread of its own, and the system's clock.
/// With all of it there is no thread: whoever has the client calls run_once().
struct ProducerEnvironment {
  MakeProducerHandle make_handle = {};
  std::shared_ptr<WaitableClock> clock = {};
  std::function<double()> random = {};  ///< in [0, 1)
};

/// A producer over librdkafka, with its thread. Every accepted send resolves exactly once. When the client fails
/// permanently, another one takes its place and gets the unresolved sends; new sends wait for it meanwhile.
///
/// One thread takes the delivery reports; the user's callbacks run on it.
///
/// Thread safety: all functions may be called from any thread; the destructor after all other calls have returned.
class ProducerClient {
 public:
  /// @param recovery its `resend` is ignored: that of the options counts
  ProducerClient(const Config& config, const ProducerOptions& options, const ProducerRecovery::Settings& recovery,
                 ProducerEnvironment environment = {});
  ProducerClient(const Config& config, const ProducerOptions& options) : ProducerClient(config, options, {}) {}
  ~ProducerClient();
  ProducerClient(const ProducerClient&) = delete;
  ProducerClient& operator=(const ProducerClient&) = delete;

  /// Accepts the send, or returns why not. With WhenFull::kDrop a full queue is errc::queue_full too, and the caller
  /// decides.
  [[nodiscard]] std::optional<Refusal> submit(ProducerRecord::Ptr send, std::size_t message_bytes);
  void count_refused(bool dropped) noexcept { engine_.queue().count_refused(dropped); }

  /// As RequiredTopics::require().
  void require_topic(const std::string& topic, std::string_view what, std::chrono::milliseconds within,
                     const std::stop_token& stop) {
    topics_.require(topic, what, within, stop);
  }
  [[nodiscard]] bool partition_exists(std::string_view topic, std::int32_t partition) const {
    return topics_.partition_exists(topic, partition);
  }

  FlushReport flush(std::chrono::milliseconds within) { return engine_.queue().flush(within); }
  void wait_until_connected(std::chrono::milliseconds within);
  [[nodiscard]] ProducerCounters counters() const noexcept { return engine_.queue().counters(); }
  [[nodiscard]] Reporter& reporter() const noexcept { return *reporter_; }

  /// Without a thread of its own: takes the reports that have come.
  void run_once() { engine_.run_once(); }
  /// For tests: the client fails as if librdkafka had met this fatal error. @return false when it has already failed
  bool fail_client(rd_kafka_resp_err_t error) { return engine_.queue().visit()->fail(error); }

 private:
  [[nodiscard]] ProducerEnvironment complete(ProducerEnvironment environment, const ProducerOptions& options) const;
  void serve();

  const Config config_;
  const std::shared_ptr<Reporter> reporter_;
  const bool has_thread_;
  const ProducerEnvironment environment_;
  ProducerEngine engine_;
  RequiredTopics topics_;
  std::thread server_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_CLIENT_H_
