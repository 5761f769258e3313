#ifndef CONVEYOR_SRC_KAFKA_PRODUCER_SESSION_H_
#define CONVEYOR_SRC_KAFKA_PRODUCER_SESSION_H_

#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/producer.h"
#include "kafka/client.h"
#include "kafka/pending_send.h"

namespace conveyor::kafka {

/// The life of one librdkafka producer: its handle, the queue of its reports, its topics, and who uses them. A producer
/// whose client failed goes on with a new one; reports of the old are then never read again.
class ProducerSession {
 public:
  /// While one lives, the handle is not destroyed.
  class Visit {
   public:
    explicit Visit(ProducerSession& session) : session_(session) {
      session_.visitors_.fetch_add(1, std::memory_order_relaxed);
    }
    ~Visit() { session_.visitors_.fetch_sub(1, std::memory_order_release); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

    [[nodiscard]] rd_kafka_t* get() const noexcept { return session_.get(); }
    [[nodiscard]] ProducerSession& session() const noexcept { return session_; }

   private:
    ProducerSession& session_;
  };

  /// @throws Error with errc::unknown_property or errc::invalid_config
  ProducerSession(const Config& config, const ProducerOptions& options, std::shared_ptr<Reporter> reporter);
  /// Throws what the constructor would, without connecting.
  static void check(const Config& config, const ProducerOptions& options);

  [[nodiscard]] rd_kafka_t* get() const noexcept { return client_.get(); }
  [[nodiscard]] Client& client() noexcept { return client_; }
  /// @return null when the name is not legal. Called by one thread at a time.
  [[nodiscard]] rd_kafka_topic_t* topic(std::string_view channel);
  [[nodiscard]] KafkaEvent poll(std::chrono::milliseconds within);
  void end_poll();
  /// The error after which the client refuses all sends, or none.
  [[nodiscard]] rd_kafka_resp_err_t fatal_error() const noexcept;
  /// Asks for a report at once about what has not been sent to a broker, or about everything; does not wait for it.
  void ask_back(bool everything);

  /// A sender is about to hand something over; sessions end only when no sender is between the two.
  void enter() noexcept { senders_.fetch_add(1, std::memory_order_relaxed); }
  void leave() noexcept { senders_.fetch_sub(1, std::memory_order_release); }
  /// Once nobody can enter any more.
  void wait_for_senders() const noexcept;
  [[nodiscard]] bool visited() const noexcept { return visitors_.load(std::memory_order_acquire) != 0; }

  /// The handle may read it until it is gone.
  void keep(PendingSend::Ptr send) { kept_->push_back(std::move(send)); }
  void begin_destroy();
  [[nodiscard]] bool wait_until_gone(std::chrono::milliseconds within) { return client_.wait_until_gone(within); }
  [[nodiscard]] bool is_gone() { return !client_.get() && client_.is_gone(); }

 private:
  const std::string topic_prefix_;
  std::shared_ptr<std::vector<PendingSend::Ptr>> kept_ = std::make_shared<std::vector<PendingSend::Ptr>>();
  Client client_;
  Queue events_;
  using Topics = std::map<std::string, Topic, std::less<>>;
  Topics topics_;
  // Mostly a channel's name lies where it lay the last time: the entry of its topic, at a place that follows from
  // there.
  std::array<const Topics::value_type*, 256> recent_ = {};
  std::atomic<int> senders_{0};
  std::atomic<int> visitors_{0};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PRODUCER_SESSION_H_
