#include "produce/resend.h"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "support/fake_producer_handle.h"

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;
using tests::FakeCluster;
using tests::FakeProducerHandle;
using tests::number_of;
using tests::numbered_send;

const auto kStart = ProducerRecovery::Clock::time_point{} + 1h;

/// A new client, and a registry with sends that were given back.
class ResendTest : public ::testing::Test {
 protected:
  ResendTest() {
    recovery_.client_failed(kStart, true, 0);
    recovery_.rebuilt();
  }
  void accept(int count, bool possibly_stored = false) {
    for (int i = 0; i < count; ++i) {
      sends_.push_back(numbered_send(static_cast<int>(sends_.size())));
      sends_.back()->due = kStart + 1h;
      registry_.accept(sends_.back().get(), 0, false);
      sends_.back()->may_repeat = sends_.back()->possibly_stored = possibly_stored;
    }
  }
  Resend::Batch pick(ProducerRecovery::Clock::time_point now = kStart) {
    return resend_.pick(registry_, handle_, recovery_, now);
  }
  FakeProducerHandle& client() { return *cluster_.clients[0]; }
  static std::vector<int> ids(const Resend::Batch& batch) {
    std::vector<int> found;
    for (const auto& one : batch.sends) found.push_back(number_of(*one.send));
    return found;
  }

  FakeCluster cluster_;
  std::vector<ProducerRecord::Ptr> sends_;
  SharedHandle handle_{cluster_.make()};
  SendRegistry registry_{{.messages = 10'000, .bytes = 1'000'000}};
  ProducerRecovery recovery_{{}};
  Resend resend_;
};

TEST_F(ResendTest, HandsOverInTheOrderOfAcceptance) {
  accept(5);
  resend_.begin(registry_);
  auto batch = pick();
  EXPECT_EQ(ids(batch), (std::vector{0, 1, 2, 3, 4}));
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch)) << "more may have been accepted meanwhile";
  EXPECT_EQ(client().has(), (std::vector{0, 1, 2, 3, 4}));
  EXPECT_EQ(registry_.with_client(), 5U);
}

TEST_F(ResendTest, GoesInBatchesWhileOthersAccept) {
  accept(static_cast<int>(Resend::kSentAtOnce) + 10);
  resend_.begin(registry_);
  auto batch = pick();
  EXPECT_EQ(batch.sends.size(), Resend::kSentAtOnce);
  EXPECT_FALSE(batch.last);
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch));
  batch = pick();
  EXPECT_EQ(batch.sends.size(), 10U);
}

TEST_F(ResendTest, SendsWhatWasAcceptedMeanwhileInOneLastBatch) {
  accept(2);
  resend_.begin(registry_);
  auto batch = pick();
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  accept(1'000);
  EXPECT_FALSE(resend_.complete(registry_, batch));
  batch = pick();
  EXPECT_TRUE(batch.last);
  EXPECT_EQ(batch.sends.size(), 1'000U);
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  EXPECT_TRUE(resend_.complete(registry_, batch));
  EXPECT_EQ(registry_.counters().recoveries, 1U);
  EXPECT_EQ(registry_.waiting(), 0U);
}

TEST_F(ResendTest, IsDoneAtOnceWithNothingToSend) {
  resend_.begin(registry_);
  auto batch = pick();
  EXPECT_TRUE(batch.last);
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  EXPECT_TRUE(resend_.complete(registry_, batch));
}

TEST_F(ResendTest, WaitsWithTheRestWhenTheClientsQueueIsFull) {
  accept(4);
  resend_.begin(registry_);
  client().answers = {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__QUEUE_FULL};
  auto batch = pick();
  EXPECT_FALSE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch));
  EXPECT_EQ(registry_.waiting(), 3U);
  batch = pick();
  EXPECT_EQ(ids(batch), (std::vector{1, 2, 3}));
}

TEST_F(ResendTest, StopsAtAClientThatFailsToo) {
  accept(3);
  resend_.begin(registry_);
  client().answers = {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__FATAL};
  auto batch = pick();
  EXPECT_FALSE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch));
  EXPECT_EQ(registry_.waiting(), 2U);
  EXPECT_TRUE(sends_[0]->with_client);
  EXPECT_FALSE(sends_[1]->with_client);
}

TEST_F(ResendTest, TheLastBatchIsNotDoneWhenTheClientTakesNoMore) {
  resend_.begin(registry_);
  accept(2);
  client().answers = {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__QUEUE_FULL};
  auto batch = pick();
  EXPECT_TRUE(batch.last);
  EXPECT_FALSE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch));
  EXPECT_EQ(registry_.unsent(), sends_[1].get());
}

TEST_F(ResendTest, GivesWhatNoClientTakesBackAsRefusedAndGoesOn) {
  accept(3);
  resend_.begin(registry_);
  client().answers = {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE};
  auto batch = pick();
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  ASSERT_EQ(batch.refused.size(), 1U);
  EXPECT_EQ(number_of(*batch.refused[0].send), 1);
  EXPECT_EQ(batch.refused[0].error, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE);
  EXPECT_EQ(client().has(), (std::vector{0, 2}));
}

TEST_F(ResendTest, RefusesANameThatIsNotLegal) {
  sends_.push_back(numbered_send(7, {}, {}, 4, "!"));
  sends_[0]->due = kStart + 1h;
  registry_.accept(sends_[0].get(), 0, false);
  resend_.begin(registry_);
  auto batch = pick();
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  ASSERT_EQ(batch.refused.size(), 1U);
  EXPECT_EQ(batch.refused[0].error, RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION);
  EXPECT_TRUE(client().has().empty());
}

TEST_F(ResendTest, ResolvesInsteadWhatIsOverdue) {
  accept(3);
  sends_[1]->due = kStart;
  resend_.begin(registry_);
  const auto batch = pick();
  EXPECT_EQ(ids(batch), (std::vector{0, 2}));
  ASSERT_EQ(batch.ended.size(), 1U);
  EXPECT_EQ(number_of(*batch.ended[0].send), 1);
  EXPECT_EQ(batch.ended[0].fate, Fate::kTimedOut);
}

TEST_F(ResendTest, CountsAsPossibleDuplicatesOnlyWhatWasHandedOver) {
  accept(2, true);
  accept(1, false);
  accept(1, true);
  resend_.begin(registry_);
  client().answers = {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR_NO_ERROR,
                      RD_KAFKA_RESP_ERR__QUEUE_FULL};
  auto batch = pick();
  EXPECT_FALSE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch));
  EXPECT_EQ(registry_.counters().possible_duplicates, 2U);
  const auto totals = resend_.take_totals();
  EXPECT_EQ(totals.sent, 3U);
  EXPECT_EQ(totals.possibly_doubled, 2U);
  EXPECT_EQ(resend_.take_totals().sent, 0U) << "they begin anew";
}

TEST_F(ResendTest, CountsASendOnceForEachClientThatMayHaveStoredIt) {
  accept(1, true);
  resend_.begin(registry_);
  auto batch = pick();
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch));
  registry_.take_back(sends_[0].get(), false);
  resend_.begin(registry_);
  batch = pick();
  EXPECT_TRUE(resend_.hand_over(batch, *handle_));
  EXPECT_FALSE(resend_.complete(registry_, batch));
  EXPECT_EQ(registry_.counters().possible_duplicates, 1U) << "the second client had not";
}

}  // namespace
}  // namespace conveyor::kafka
