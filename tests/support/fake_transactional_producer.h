#ifndef CONVEYOR_TESTS_SUPPORT_FAKE_TRANSACTIONAL_PRODUCER_H_
#define CONVEYOR_TESTS_SUPPORT_FAKE_TRANSACTIONAL_PRODUCER_H_

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "kafka/transactional_producer.h"
#include "support/fake_clock.h"
#include "support/fake_producer_handle.h"
#include "transactions/group_offsets.h"

namespace conveyor::tests {

/// What of a transaction a client is asked for.
enum class TransactionStep { kInit, kBegin, kProduce, kSendOffsets, kCommit, kAbort };

/// Brokers of one group and of the transactions of one id. They find out by themselves when something is committed
/// twice, or of a partition that has left.
class FakeTransactionBrokers {
 public:
  using Step = TransactionStep;
  using Outcome = kafka::TransactionalProducer::Outcome;
  using Result = kafka::TransactionalProducer::Result;

  explicit FakeTransactionBrokers(FakeClock& with) : clock(with) {}

  struct Answer {
    Outcome outcome = {};
    bool done = false;             ///< the brokers did it nevertheless
    bool outputs_refused = false;  ///< all that were sent are reported as failed
    std::chrono::milliseconds takes{0};
  };
  [[nodiscard]] static Answer answer(Result result, rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR) {
    return {.outcome = {result, "as the test says", error}};
  }
  /// So often; then the step succeeds.
  void answer_next(Step step, const Answer& with, int times = 1) {
    answers[step].insert(answers[step].end(), static_cast<std::size_t>(times), with);
  }
  [[nodiscard]] std::unique_ptr<kafka::TransactionalProducer> make();
  [[nodiscard]] int called(Step step) const;

  FakeClock& clock;
  std::map<Step, std::deque<Answer>> answers = {};
  std::function<void(Step)> on_call;  ///< before it is answered
  std::set<int> refused = {};         ///< outputs, by number, for which a whole transaction is refused
  int make_failures = 0;
  std::set<std::int32_t> left = {};  ///< partitions of which nothing may be committed any more

  std::map<std::int32_t, std::int64_t> committed = {};  ///< of each partition of kTopic
  std::vector<std::size_t> transactions = {};           ///< those that were committed, with the number of their outputs
  std::vector<int> visible = {};                        ///< the numbers of outputs that were committed
  std::vector<std::string> metadata = {};               ///< beside offsets that were committed
  std::vector<Step> calls = {};
  int clients = 0;
  int destroyed = 0;
  std::vector<std::string> wrong = {};  ///< what must never happen

 private:
  friend class FakeTransactionalProducer;
  struct Open {
    int client = 0;
    std::vector<int> outputs = {};
    std::vector<kafka::OffsetToCommit> offsets = {};
  };
  void commit_open();

  std::optional<Open> open_;
};

/// A client of theirs.
class FakeTransactionalProducer final : public kafka::TransactionalProducer {
 public:
  explicit FakeTransactionalProducer(FakeTransactionBrokers& brokers) : brokers_(brokers), number_(brokers.clients) {}

  [[nodiscard]] Outcome init(std::chrono::milliseconds within) override;
  [[nodiscard]] Outcome begin() override;
  void keep(std::shared_ptr<void> sends) override { kept_.push_back(std::move(sends)); }
  [[nodiscard]] Outcome produce(kafka::ProducerRecord& send) override;
  [[nodiscard]] Outcome send_offsets(std::span<const kafka::OffsetToCommit> offsets,
                                     const rd_kafka_consumer_group_metadata_t* group,
                                     std::chrono::milliseconds within) override;
  [[nodiscard]] Outcome commit(std::chrono::milliseconds within) override;
  [[nodiscard]] Outcome abort(std::chrono::milliseconds within) override;
  [[nodiscard]] std::vector<Failed> take_failed() override { return std::exchange(failed_, {}); }
  void destroy() override { ++brokers_.destroyed; }

 private:
  [[nodiscard]] FakeTransactionBrokers::Answer ask(TransactionStep step);
  [[nodiscard]] bool is_open() const { return brokers_.open_ && brokers_.open_->client == number_; }
  [[nodiscard]] Outcome refuse();

  FakeTransactionBrokers& brokers_;
  const int number_;
  bool ended_ = false;  // the transaction: committed, although the answer may have been another one
  std::vector<std::shared_ptr<void>> kept_;
  std::vector<const kafka::ProducerRecord*> produced_;
  std::vector<Failed> failed_;
};

/// The group, as its member asks those brokers.
class FakeGroupOffsets final : public worker::GroupOffsets {
 public:
  explicit FakeGroupOffsets(FakeTransactionBrokers& brokers) : brokers_(brokers) {}

  bool silent = false;                    ///< the coordinator does not answer
  std::set<std::int32_t> untold = {};     ///< partitions of which it says nothing
  std::set<std::int32_t> forgotten = {};  ///< of topics that were recreated: it has no offset
  std::chrono::milliseconds answers_after{5};
  bool has_left = false;
  std::size_t metadata_limit = 4'096;
  std::function<void(worker::Partition&)> on_dropped;

  mutable std::vector<std::vector<std::int32_t>> questions = {};
  std::vector<std::int32_t> dropped_partitions = {};
  int shortened = 0;

  [[nodiscard]] kafka::GroupMetadata metadata() const override;
  [[nodiscard]] std::vector<kafka::OffsetToCommit> committed(std::span<const kafka::TopicPartition> partitions,
                                                             std::chrono::milliseconds within) const override;
  [[nodiscard]] std::size_t largest_metadata() const override { return metadata_limit; }
  void shorten_metadata() override {
    ++shortened;
    metadata_limit /= 2;
  }
  void dropped(worker::Partition& partition) override;

 private:
  FakeTransactionBrokers& brokers_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_FAKE_TRANSACTIONAL_PRODUCER_H_
