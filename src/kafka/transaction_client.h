#ifndef CONVEYOR_SRC_KAFKA_TRANSACTION_CLIENT_H_
#define CONVEYOR_SRC_KAFKA_TRANSACTION_CLIENT_H_

#include <chrono>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/thread_annotations.h"
#include "conveyor/config.h"
#include "kafka/client.h"
#include "kafka/consumer_client.h"
#include "kafka/producer_record.h"
#include "kafka/transactional_producer.h"

namespace conveyor::kafka {

struct TransactionOptions {
  std::string id = {};                        ///< stays the same when this instance restarts; differs between instances
  std::chrono::milliseconds timeout{10'000};  ///< after this time the brokers abort a transaction themselves
};

/// The TransactionalProducer over librdkafka.
///
/// Thread safety: one thread. A thread of its own takes the delivery reports.
class TransactionClient final : public TransactionalProducer {
 public:
  /// @param reporter that of the client that this one replaces; null: a new one
  TransactionClient(const Config& config, const TransactionOptions& options,
                    std::shared_ptr<Reporter> reporter = nullptr);
  /// Throws what the constructor would throw, but makes no connection.
  static void check(const Config& config, const TransactionOptions& options);
  ~TransactionClient() override;

  [[nodiscard]] Outcome init(std::chrono::milliseconds within) override;
  [[nodiscard]] Outcome begin() override;
  void keep(std::shared_ptr<void> sends) override { kept_->push_back(std::move(sends)); }
  [[nodiscard]] Outcome produce(ProducerRecord& send) override;
  [[nodiscard]] Outcome send_offsets(std::span<const OffsetToCommit> offsets,
                                     const rd_kafka_consumer_group_metadata_t* group,
                                     std::chrono::milliseconds within) override;
  [[nodiscard]] Outcome commit(std::chrono::milliseconds within) override;
  [[nodiscard]] Outcome abort(std::chrono::milliseconds within) override;
  [[nodiscard]] std::vector<Failed> take_failed() override;
  void destroy() override;

 private:
  [[nodiscard]] Outcome outcome_of(rd_kafka_error_t* error, std::string_view doing);
  /// Releases the sends of the transaction if the outcome says that it is over, because librdkafka no longer reads
  /// them.
  [[nodiscard]] Outcome ended(Outcome outcome);
  rd_kafka_topic_t* topic_handle(std::string_view topic);
  void serve(const std::stop_token& stop);

  const std::string topic_prefix_;
  Client client_;
  Queue events_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::shared_ptr<std::vector<std::shared_ptr<void>>> kept_ = std::make_shared<std::vector<std::shared_ptr<void>>>();
  Mutex mutex_;
  std::vector<Failed> failed_ CONVEYOR_GUARDED_BY(mutex_);
  std::jthread server_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_TRANSACTION_CLIENT_H_
