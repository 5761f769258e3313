// Partitions that leave while transactions have them: librdkafka's mock cluster is slow and answers with errors.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "conveyor/v1/image.pb.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/mock_broker.h"
#include "support/waiting.h"
#include "transactions/transaction_runner.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using worker::PartitionPtr;

Config told_of_requests() {
  Config config = new_config();
  config.properties["debug"] = "protocol";  // the observer hears of each request that is sent
  return config;
}

class TransactionsRelease : public MockBrokerTest, private worker::TransactionRunner::Owner, private worker::Receiver {
 protected:
  static constexpr std::int16_t kEndTxn = 26;
  static constexpr std::int16_t kTxnOffsetCommit = 28;

  TransactionsRelease() { transactions.start(20s, {}); }

  static void answer_next(std::int16_t request, std::chrono::milliseconds after) {
    rd_kafka_mock_broker_push_request_error_rtts(cluster(), 1, request, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                 static_cast<int>(after.count()));
  }

  [[nodiscard]] PartitionPtr new_partition(int number) const {
    return std::make_shared<worker::Partition>(kafka::TopicPartition{in.topic(), number}, worker::OffsetTracker(),
                                               nullptr);
  }

  /// Its record at the offset was read, and handled without an output.
  void handle(const PartitionPtr& partition, std::int64_t offset) {
    worker::Task task;
    task.incoming.partition = partition;
    task.incoming.offset = offset;
    transactions.finish(std::move(task), {});
  }
  void handle_all(const std::vector<std::pair<PartitionPtr, std::int64_t>>& inputs) {
    for (const auto& [partition, offset] : inputs) transactions.begin(partition, offset);
    for (const auto& [partition, offset] : inputs) handle(partition, offset);
  }

  [[nodiscard]] std::size_t times_said(std::string_view text) const {
    std::size_t times = 0;
    for (const auto& line : static_cast<const CollectingObserver&>(*config.observer).lines()) {
      times += line.find(text) != std::string::npos ? 1 : 0;
    }
    return times;
  }
  [[nodiscard]] std::size_t committed_of(const PartitionPtr& partition) const {
    const std::lock_guard lock{mutex};
    return static_cast<std::size_t>(std::ranges::count(done, partition.get()));
  }

  const Channel<v1::Image> in = new_channel<v1::Image>(2);
  const Config config = told_of_requests();
  mutable std::mutex mutex;
  std::vector<const worker::Partition*> done;
  worker::GroupMember member{config, {.topics = {std::string(in.topic())}}, *this};
  worker::TransactionRunner transactions{
      config, {.enabled = true, .instance = "0"}, std::size_t{1} << 20, member, *this};

 private:
  void receive(std::span<worker::Incoming>) override {}
  std::size_t drop(const worker::Partition&) override { return 0; }
  void committed(const worker::FinishedInput& input) override {
    const std::lock_guard lock{mutex};
    done.push_back(input.task.incoming.partition.get());
  }
  void output_failed(worker::Task, std::error_code, const std::string& text) override { ADD_FAILURE() << text; }
  void uncommitted(worker::FinishedInput) override { ADD_FAILURE() << "given up"; }
  void transactions_failed(const Error& error) override { ADD_FAILURE() << error.what(); }
  void transactions_broke(const char* what) noexcept override { ADD_FAILURE() << what; }
};

TEST_F(TransactionsRelease, DoesNotWaitForATransactionThatItsPartitionHasLeft) {
  const PartitionPtr leaving = new_partition(0);
  const PartitionPtr staying = new_partition(1);
  handle_all({{staying, 0}});
  ASSERT_TRUE(eventually([&] { return committed_of(staying) == 1; }));

  for (int i = 0; i < 2'000; ++i) {
    rd_kafka_mock_push_request_errors(cluster(), kTxnOffsetCommit, 1, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  }
  handle_all({{leaving, 0}, {staying, 1}});
  ASSERT_TRUE(eventually([&] { return times_said("2 inputs wait") > 0; }));
  bool released = false;
  EXPECT_LT(time_of([&] { released = transactions.release(std::span(&leaving, 1), 20s); }), 10s);
  EXPECT_TRUE(released);

  rd_kafka_mock_clear_request_errors(cluster(), kTxnOffsetCommit);
  EXPECT_TRUE(eventually([&] { return committed_of(staying) == 2; })) << "the others' goes on";
  EXPECT_EQ(committed_of(leaving), 0U);
}

TEST_F(TransactionsRelease, DoesNotWaitForATransactionThatIsNotAskedToCommit) {
  const PartitionPtr leaving = new_partition(0);
  const PartitionPtr staying = new_partition(1);
  answer_next(kTxnOffsetCommit, 6s);
  handle_all({{leaving, 0}, {staying, 0}});
  ASSERT_TRUE(eventually([&] { return times_said("Sent TxnOffsetCommitRequest") > 0; }));
  bool released = false;
  EXPECT_LT(time_of([&] { released = transactions.release(std::span(&leaving, 1), 20s); }), 3s);
  EXPECT_TRUE(released) << "whose commit nobody has asked for, and nobody will";
  EXPECT_TRUE(eventually([&] { return committed_of(staying) == 1; }));
  EXPECT_EQ(committed_of(leaving), 0U);
}

TEST_F(TransactionsRelease, IsNotCertainWithinItsTimeOfATransactionThatIsAskedToCommit) {
  const PartitionPtr leaving = new_partition(0);
  answer_next(kEndTxn, 4s);
  handle_all({{leaving, 0}});
  ASSERT_TRUE(eventually([&] { return times_said("Sent EndTxnRequest") > 0; }));
  bool released = true;
  const auto took = time_of([&] { released = transactions.release(std::span(&leaving, 1), 300ms); });
  EXPECT_FALSE(released);
  EXPECT_GE(took, 300ms);
  EXPECT_LT(took, 3s);
  EXPECT_TRUE(transactions.release(std::span(&leaving, 1), 20s)) << "once it has ended";
  EXPECT_EQ(committed_of(leaving), 1U);
}

}  // namespace
}  // namespace conveyor::tests
