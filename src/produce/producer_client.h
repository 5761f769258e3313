#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_CLIENT_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_CLIENT_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "conveyor/error.h"
#include "conveyor/producer.h"
#include "kafka/pending_send.h"
#include "kafka/producer_session.h"
#include "produce/producer_recovery.h"

namespace conveyor::kafka {

/// A librdkafka producer with a registry of its own of what was accepted, because destroying a handle reports nothing:
/// every accepted send resolves exactly once, through a delivery report or when it is given up here. When the client
/// fails for good, another takes its place and gets what is not resolved; what is sent meanwhile waits in the registry.
///
/// Delivery reports are taken as events on one thread; the user's callbacks run there.
///
/// Thread safety: all functions may be called from any thread; the destructor after all others returned.
class ProducerClient {
 public:
  /// @param recovery its resend is that of the options
  ProducerClient(const Config& config, const ProducerOptions& options, ProducerRecovery::Settings recovery);
  ProducerClient(const Config& config, const ProducerOptions& options) : ProducerClient(config, options, {}) {}
  ~ProducerClient();
  ProducerClient(const ProducerClient&) = delete;
  ProducerClient& operator=(const ProducerClient&) = delete;

  /// Accepts the send or says why not. With WhenFull::kDrop a full queue is errc::queue_full too; the caller decides.
  [[nodiscard]] std::optional<Refusal> submit(PendingSend::Ptr send, std::size_t message_bytes);
  void note_refused(bool dropped) noexcept;

  /// Waits until the topic (with its prefix) can be written to. @param what it is and what to do without it
  /// @throws Error with errc::unknown_topic, not_authorized or broker_unreachable; with errc::stopped
  void require_topic(const std::string& topic, std::string_view what, std::chrono::milliseconds within,
                     const std::stop_token& stop);
  /// Of a topic that was required. @param topic without the prefix
  [[nodiscard]] bool partition_exists(std::string_view topic, std::int32_t partition) const;

  FlushReport flush(std::chrono::milliseconds within);
  void wait_until_connected(std::chrono::milliseconds within);
  [[nodiscard]] ProducerCounters counters() const noexcept;
  [[nodiscard]] Reporter& reporter() const noexcept { return *reporter_; }

  /// For tests: the client fails as if librdkafka had met this error. @return false when it has failed already
  bool fail_client(rd_kafka_resp_err_t error);

 private:
  using Clock = std::chrono::steady_clock;

  /// A send that is resolved, and what is to be told about it.
  struct Resolution {
    PendingSend* send = nullptr;
    Delivery delivery = {};
    std::string error_text = {};
  };

  std::optional<Refusal> wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t bytes);
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  void link(PendingSend* send);
  void unlink(PendingSend* send) noexcept;
  [[nodiscard]] Refusal full() const;
  [[nodiscard]] Refusal refused_by_client(rd_kafka_resp_err_t error, const PendingSend& send) const;
  /// What went wrong where, and which setting to change.
  [[nodiscard]] std::string describe(rd_kafka_resp_err_t error, std::string_view topic) const;
  [[nodiscard]] std::string describe(Fate fate, std::string_view topic) const;
  /// The session in use, which is not destroyed meanwhile.
  [[nodiscard]] ProducerSession::Visit visit() const;

  // On the server thread (producer_serve.cc).
  void serve();
  void take(rd_kafka_event_t* event);
  void on_delivery_reports(rd_kafka_event_t* event);
  /// @return false when the send is not resolved by the report
  [[nodiscard]] bool judge(const rd_kafka_message_t* report, Resolution& resolution);
  void step();
  void on_client_failed();
  void give_up_unreported();
  void rebuild();
  void send_again();
  void on_recovered();
  void resolve_ended(bool at_once);
  void destroy_old_sessions();
  [[nodiscard]] Resolution resolution_of(PendingSend* send, Fate fate) const;
  void resolve(std::vector<Resolution>& batch);
  void settle(PendingSend& send, const Delivery& delivery) noexcept;
  [[nodiscard]] std::size_t with_client() const;
  [[nodiscard]] double random_part();

  bool wait_resolved(std::uint64_t sequence, Clock::time_point deadline, bool hurry);
  void close();

  const Config config_;
  const ProducerOptions options_;
  const std::shared_ptr<Reporter> reporter_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unique_ptr<ProducerSession> session_;  // replaced by the server thread, under the mutex
  SendList sends_;                            // accepted and not resolved
  SendList expired_;                          // resolved, but its client has it still
  std::size_t expired_messages_ = 0;
  std::size_t expired_bytes_ = 0;
  std::size_t waiting_ = 0;          // of sends_: with no client
  PendingSend* unsent_ = nullptr;    // the first that the new client shall get, while sends are sent again
  bool recovering_ = false;          // new sends wait in the registry
  std::uint64_t sent_again_to_ = 0;  // up to here the client's own timeouts begin too late
  std::uint64_t last_sequence_ = 0;
  ProducerCounters counters_;
  FlushReport reported_;                                         // totals at the last flush
  Refusal no_more_;                                              // with a code: why nothing is accepted any more
  std::map<std::string, std::int32_t, std::less<>> partitions_;  // of required topics, by full name

  // Of the server thread, and of the destructor after it.
  ProducerRecovery recovery_;
  std::vector<std::unique_ptr<ProducerSession>> old_sessions_;
  std::string failure_;  // the client's last
  Clock::time_point next_look_{};
  std::chrono::milliseconds pause_{100};
  std::uint64_t accepted_before_ = 0;  // the rebuild
  std::uint64_t sent_again_ = 0;       // since the client failed
  std::uint64_t maybe_repeated_ = 0;   // of them
  std::minstd_rand random_{std::random_device{}()};

  std::atomic<bool> closing_{false};
  std::atomic<bool> stopping_{false};
  std::thread server_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_CLIENT_H_
