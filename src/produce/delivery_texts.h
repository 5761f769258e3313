#ifndef CONVEYOR_SRC_PRODUCE_DELIVERY_TEXTS_H_
#define CONVEYOR_SRC_PRODUCE_DELIVERY_TEXTS_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "conveyor/config.h"
#include "conveyor/counters.h"
#include "conveyor/producer.h"
#include "kafka/client.h"
#include "kafka/producer_record.h"
#include "produce/producer_recovery.h"

namespace conveyor::kafka {

/// The texts about sends that are refused or fail: what went wrong where, and which setting to change.
///
/// Thread safety: all functions may be called from any thread.
class DeliveryTexts {
 public:
  DeliveryTexts(const Config& config, const ProducerOptions& options, std::shared_ptr<const Reporter> reporter);

  [[nodiscard]] Refusal queue_full(const ProducerCounters& counters) const;
  [[nodiscard]] Refusal illegal_topic(std::string_view topic) const;
  /// The client refused the send.
  [[nodiscard]] Refusal refused(rd_kafka_resp_err_t error, std::string_view topic) const;

  [[nodiscard]] std::string of_error(rd_kafka_resp_err_t error, std::string_view topic) const;
  /// For a fate that ends a send. @param failure the text of the client's last failure
  [[nodiscard]] std::string of_fate(Fate fate, std::string_view topic, std::string_view failure, bool closing) const;

 private:
  [[nodiscard]] std::string place(std::string_view topic) const;

  const std::string topic_prefix_;
  const std::string bootstrap_servers_;
  const std::size_t max_record_bytes_;
  const ProducerOptions options_;
  const std::shared_ptr<const Reporter> reporter_;
};

/// The error code of a fate that ends a send.
[[nodiscard]] errc errc_of(Fate fate) noexcept;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_DELIVERY_TEXTS_H_
