#ifndef CONVEYOR_SRC_KAFKA_PRODUCER_CLIENT_H_
#define CONVEYOR_SRC_KAFKA_PRODUCER_CLIENT_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "conveyor/error.h"
#include "conveyor/producer.h"
#include "kafka/client.h"
#include "kafka/pending_send.h"

namespace conveyor::kafka {

/// A librdkafka producer with a registry of its own of what was accepted, because destroying a handle reports nothing:
/// every accepted send resolves exactly once, through a delivery report or when it is given up here.
///
/// Delivery reports are taken as events on one thread; the user's callbacks run there.
///
/// Thread safety: all functions may be called from any thread; the destructor after all others returned.
class ProducerClient {
 public:
  ProducerClient(const Config& config, const ProducerOptions& options);
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
  [[nodiscard]] Reporter& reporter() const noexcept { return client_.reporter(); }

 private:
  using Clock = std::chrono::steady_clock;

  rd_kafka_topic_t* topic_handle(std::string_view topic);
  std::optional<Refusal> wait_for_room(std::unique_lock<std::mutex>& lock, std::size_t bytes);
  [[nodiscard]] bool has_room(std::size_t bytes) const noexcept;
  void link(PendingSend* send);
  void unlink(PendingSend* send) noexcept;
  [[nodiscard]] Refusal full() const;
  [[nodiscard]] Refusal refused_by_client(rd_kafka_resp_err_t error, const PendingSend& send) const;
  /// What went wrong where, and which setting to change.
  [[nodiscard]] std::string describe(rd_kafka_resp_err_t error, std::string_view topic) const;

  void serve();
  void on_delivery_reports(rd_kafka_event_t* event);
  void settle(PendingSend& send, const Delivery& delivery) noexcept;
  bool wait_resolved(std::uint64_t sequence, Clock::time_point deadline, bool hurry);
  void close();

  const std::string bootstrap_servers_;
  const std::string topic_prefix_;
  const std::size_t max_record_bytes_;
  const ProducerOptions options_;
  Client client_;
  Queue events_;

  std::shared_mutex topics_mutex_;
  std::map<std::string, Topic, std::less<>> topics_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  PendingSend* oldest_ = nullptr;
  PendingSend* newest_ = nullptr;
  std::uint64_t last_sequence_ = 0;
  ProducerCounters counters_;
  FlushReport reported_;  // totals at the last flush
  std::string fatal_;
  std::map<std::string, std::int32_t, std::less<>> partitions_;  // of required topics, by full name

  std::atomic<bool> stopping_{false};
  std::thread server_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PRODUCER_CLIENT_H_
