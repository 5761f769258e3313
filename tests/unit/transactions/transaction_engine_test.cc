#include "transactions/transaction_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "support/errors.h"
#include "unit/transactions/transactions_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using Step = TransactionStep;
using Result = kafka::TransactionalProducer::Result;

class TransactionEngineTest : public testing::Test {
 protected:
  void start(std::chrono::milliseconds within, const std::stop_token& stop = {}) { under.engine.start(within, stop); }

  TransactionsUnderTest under;
  const worker::PartitionPtr one = under.add(1);
};

TEST_F(TransactionEngineTest, StartsByFencingWhoeverHadItsIdBefore) {
  start(1s);
  EXPECT_EQ(under.brokers.calls, std::vector{Step::kInit});
}

TEST_F(TransactionEngineTest, StartsAsSoonAsTheBrokersLetIt) {
  under.brokers.answer_next(Step::kInit, FakeTransactionBrokers::answer(Result::kAgain), 5);
  start(1s);
  EXPECT_EQ(under.brokers.called(Step::kInit), 6);
}

TEST_F(TransactionEngineTest, DoesNotStartLaterThanItMay) {
  auto again = FakeTransactionBrokers::answer(Result::kAgain);
  again.takes = 500ms;
  under.brokers.answer_next(Step::kInit, again, 100);
  const Thrown thrown = thrown_by([&] { start(3s); });
  EXPECT_EQ(thrown.code, errc::broker_unreachable) << thrown.text;
  EXPECT_EQ(under.brokers.called(Step::kInit), 6);
}

TEST_F(TransactionEngineTest, DoesNotStartOnceItIsStopped) {
  under.brokers.answer_next(Step::kInit, FakeTransactionBrokers::answer(Result::kAgain), 100);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(thrown_by([&] { start(3s, stop.get_token()); }).code, errc::stopped);
}

TEST_F(TransactionEngineTest, DoesNotStartWithoutTheRight) {
  under.brokers.answer_next(Step::kInit, FakeTransactionBrokers::answer(
                                             Result::kFatal, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
  const Thrown thrown = thrown_by([&] { start(3s); });
  EXPECT_EQ(thrown.code, errc::not_authorized);
  EXPECT_NE(thrown.text.find("transactions as \"readers-0\" cannot be begun"), std::string::npos);
}

TEST_F(TransactionEngineTest, WhatIsReadyWaitsForMoreAsLongAsItMay) {
  under.engine.queue().begin(one, 0);
  under.engine.queue().begin(one, 1);
  under.finish(one, 0);
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 1));
  EXPECT_GE(under.passed(), 100ms) << "ExactlyOnceOptions::commit_interval";
  EXPECT_LT(under.passed(), 150ms);
}

TEST_F(TransactionEngineTest, WhatIsReadyAtTheStopIsCommittedBeforeTheEnd) {
  under.engine.queue().begin(one, 0);
  under.engine.queue().begin(one, 1);
  under.finish(one, 0);
  under.engine.stop();
  under.run();
  EXPECT_TRUE(under.ended);
  EXPECT_EQ(under.committed(), inputs(1, 0, 1));
  EXPECT_LT(under.passed(), 50ms);
}

TEST_F(TransactionEngineTest, WhatIsFinishedDuringATransactionIsInTheNext) {
  under.handle(one, 0, 3);
  under.at(Step::kCommit, [&] { under.handle(one, 3, 5); });
  under.run();
  EXPECT_EQ(under.committed(), inputs(1, 0, 5));
  EXPECT_EQ(under.brokers.transactions, (std::vector<std::size_t>{3, 2}));
}

TEST_F(TransactionEngineTest, APartitionLeavesAtOnceAfterItsTransaction) {
  under.handle(one, 0, 3);
  under.run();
  EXPECT_TRUE(under.release(one));
}

/// Anything may happen at any step.
class AnyCourse {
 public:
  explicit AnyCourse(unsigned seed) : random_(seed) {
    for (int number = 0; number < kPartitions; ++number) partitions_.push_back(under.add(number));
    under.listener.on_handed_back = [this](worker::Task task) {
      const auto id = CollectingListener::id_of(task);
      under.listener.endings.erase(id);
      without_output_.insert(id);
      under.brokers.refused.erase(under.output_of(task.incoming.partition, task.incoming.offset));
      under.engine.queue().finish(std::move(task), {});
    };
    under.on_wait = [this] { meanwhile(); };
    arm();
  }

  void run() {
    for (int round = 0; round < 12; ++round) {
      plan();
      for (int i = 0; i < 6; ++i) meanwhile();
      under.run();
    }
    under.group.silent = false;
    under.group.forgotten.clear();
    if (maybe(2)) under.engine.stop();
    under.run();
  }

  void check() {
    EXPECT_EQ(under.brokers.wrong, std::vector<std::string>());
    for (int number = 0; number < kPartitions; ++number) check(number);
  }

  TransactionsUnderTest under;

 private:
  static constexpr int kPartitions = 3;
  static constexpr std::array kSteps{Step::kInit,        Step::kBegin,  Step::kProduce,
                                     Step::kSendOffsets, Step::kCommit, Step::kAbort};

  [[nodiscard]] std::size_t number(std::size_t below) { return random_() % below; }
  [[nodiscard]] bool maybe(std::size_t of) { return number(of) == 0; }

  void arm() {
    under.brokers.on_call = [this](Step) {
      if (maybe(4)) meanwhile();
    };
  }
  /// What brokers will answer.
  void plan() {
    for (std::size_t i = number(5); i > 0; --i) {
      const Step step = kSteps[number(kSteps.size())];
      constexpr std::array kResults{Result::kAgain, Result::kAbort, Result::kFatal, Result::kFenced};
      auto answer = FakeTransactionBrokers::answer(kResults[number(step == Step::kBegin ? 1 : 4) % 4],
                                                   RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
      if (step == Step::kBegin) answer.outcome.result = Result::kFatal;
      if (step == Step::kCommit && answer.outcome.result == Result::kFatal) answer.done = maybe(2);
      answer.takes = std::chrono::milliseconds(number(3) * 500);
      under.brokers.answer_next(step, answer, 1 + static_cast<int>(number(3)));
    }
    under.group.silent = maybe(5);
    if (under.group.silent) under.in(20s, [this] { under.group.silent = false; });
  }
  /// What the other threads do.
  void meanwhile() {
    if (busy_) return;
    busy_ = true;
    const std::size_t i = number(kPartitions);
    const auto& partition = partitions_[i];
    auto& in_hand = in_hand_[i];
    if (!partition->released) {
      if (maybe(2)) {
        const auto offset = next_[i]++;
        under.engine.queue().begin(partition, offset);
        in_hand.push_back(offset);
        if (maybe(12)) under.brokers.refused.insert(under.output_of(partition, offset));
      } else if (!in_hand.empty()) {
        std::swap(in_hand[number(in_hand.size())], in_hand.back());
        finished_[i].push_back(in_hand.back());
        under.finish(partition, in_hand.back());
        in_hand.pop_back();
      }
    }
    if (!partition->released && maybe(150)) {
      under.release(partition, std::chrono::milliseconds(number(2) * 200));
    } else if (partition->released && maybe(10)) {
      under.release(partition);  // once more, until it is certain
    }
    busy_ = false;
  }
  void check(int number) {
    const auto end = under.brokers.committed[number];
    for (const auto offset : finished_[static_cast<std::size_t>(number)]) check_input(number, offset, end);
    for (const int output : under.brokers.visible) {
      if (output / 100'000 != number) continue;
      EXPECT_LT(output % 100'000, end) << "an output without its input";
    }
  }
  void check_input(int number, std::int64_t offset, std::int64_t end) {
    SCOPED_TRACE(std::to_string(number) + ":" + std::to_string(offset));
    const auto& partition = partitions_[static_cast<std::size_t>(number)];
    const auto found = under.listener.endings.find({number, offset});
    const bool told = found != under.listener.endings.end();
    EXPECT_TRUE(!told || found->second.size() == 1) << "it ended more than once";
    const bool committed = told && found->second.front() == CollectingListener::Ending::kCommitted;
    EXPECT_TRUE(!committed || offset < end) << "it was told and not committed";
    EXPECT_TRUE(committed || offset >= end || partition->released || partition->in_doubt) << "it was not told";
    if (offset >= end || without_output_.contains({number, offset})) return;
    EXPECT_EQ(std::ranges::count(under.brokers.visible, under.output_of(partition, offset)), 1) << "its output is lost";
  }

  std::mt19937 random_;
  std::vector<worker::PartitionPtr> partitions_;
  std::array<std::int64_t, kPartitions> next_ = {};
  std::array<std::vector<std::int64_t>, kPartitions> in_hand_ = {};
  std::array<std::vector<std::int64_t>, kPartitions> finished_ = {};
  std::set<InputId> without_output_ = {};
  bool busy_ = false;
};

TEST(AnyCourseOfTransactions, EndsEachInputOnceAndCommitsNothingTwice) {
  const unsigned first = std::random_device{}();
  std::size_t transactions = 0;
  for (unsigned seed = first; seed < first + 100; ++seed) {
    SCOPED_TRACE(seed);
    AnyCourse course(seed);
    course.run();
    course.check();
    transactions += course.under.brokers.transactions.size();
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_GT(transactions, 500U) << "courses in which next to nothing is committed show nothing";
}

}  // namespace
}  // namespace conveyor::tests
