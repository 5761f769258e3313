#ifndef CONVEYOR_SRC_KAFKA_TRANSACTION_CLIENT_H_
#define CONVEYOR_SRC_KAFKA_TRANSACTION_CLIENT_H_

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "conveyor/config.h"
#include "kafka/client.h"
#include "kafka/consumer_client.h"
#include "kafka/pending_send.h"

namespace conveyor::kafka {

struct TransactionOptions {
  std::string id = {};  ///< the same for every life of this instance, another for every other instance
  std::chrono::milliseconds timeout{10'000};  ///< after which the brokers abort a transaction by themselves
};

/// A librdkafka producer that sends in transactions.
///
/// Thread safety: one thread; delivery reports are taken on a thread of its own.
class TransactionClient {
 public:
  enum class Result {
    kOk,
    kAgain,   ///< the same call may succeed
    kAbort,   ///< abort() and do the transaction again
    kFatal,   ///< the client cannot go on: another one of the same id fences it
    kFenced,  ///< another instance has this id now
  };
  struct Outcome {
    Result result = Result::kOk;
    std::string text = {};
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;  ///< what the brokers or the client said
  };
  /// A send that will never succeed as it is.
  struct Failed {
    const PendingSend* send = nullptr;
    std::error_code code = {};
    std::string text = {};
  };

  TransactionClient(const Config& config, const TransactionOptions& options);
  /// Throws what the constructor would, without connecting.
  static void check(const Config& config, const TransactionOptions& options);
  ~TransactionClient();
  TransactionClient(const TransactionClient&) = delete;
  TransactionClient& operator=(const TransactionClient&) = delete;

  /// Fences whoever had the id before and ends what that one left open.
  [[nodiscard]] Outcome init(std::chrono::milliseconds within);
  [[nodiscard]] Outcome begin();
  /// Of what is produced next: the client reads it until the transaction has ended, or until the client is gone.
  void keep(std::shared_ptr<void> sends) { kept_->push_back(std::move(sends)); }
  [[nodiscard]] Outcome produce(PendingSend& send);
  [[nodiscard]] Outcome send_offsets(std::span<const OffsetToCommit> offsets,
                                     const rd_kafka_consumer_group_metadata_t* group, std::chrono::milliseconds within);
  [[nodiscard]] Outcome commit(std::chrono::milliseconds within);
  [[nodiscard]] Outcome abort(std::chrono::milliseconds within);
  /// Of the transaction that was aborted.
  [[nodiscard]] std::vector<Failed> take_failed();

  /// Nothing but the destructor may be called afterwards.
  void destroy();

  [[nodiscard]] Reporter& reporter() const noexcept { return client_.reporter(); }

 private:
  [[nodiscard]] Outcome outcome_of(rd_kafka_error_t* error, std::string_view doing);
  /// The transaction is over if the outcome says so: nothing of it is read any more.
  [[nodiscard]] Outcome ended(Outcome outcome);
  rd_kafka_topic_t* topic_handle(std::string_view topic);
  void serve(const std::stop_token& stop);

  const std::string topic_prefix_;
  Client client_;
  Queue events_;
  std::map<std::string, Topic, std::less<>> topics_;
  std::shared_ptr<std::vector<std::shared_ptr<void>>> kept_ = std::make_shared<std::vector<std::shared_ptr<void>>>();
  std::mutex mutex_;
  std::vector<Failed> failed_;
  std::jthread server_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_TRANSACTION_CLIENT_H_
