// Transactions that do not end as they should: librdkafka's mock cluster is slow and answers with errors.

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "consume/commit_metadata.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "kafka/group_consumer.h"
#include "kafka/transaction_client.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

class TransactionTrouble : public MockBrokerTest {
 protected:
  static constexpr std::int16_t kInitProducerId = 22;
  static constexpr std::int16_t kEndTxn = 26;
  static constexpr std::int16_t kTxnOffsetCommit = 28;

  TransactionTrouble() : config(new_config()) {}

  static void answer_next(std::int16_t request, rd_kafka_resp_err_t error, std::chrono::milliseconds after, int times) {
    for (int i = 0; i < times; ++i) {
      rd_kafka_mock_broker_push_request_error_rtts(cluster(), 1, request, 1, error, static_cast<int>(after.count()));
    }
  }

  static WorkerOptions options() {
    return {.dead_letter = {.enabled = false}, .exactly_once = {.enabled = true, .instance = "0"}};
  }

  void send_inputs(int count, int first = 0) {
    Producer producer(config);
    for (int i = first; i < first + count; ++i) {
      Image image;
      image.set_frame(i);
      producer.send(in, image, {.partition = 0});
    }
    ASSERT_EQ(producer.flush(20s).delivered, static_cast<std::uint64_t>(count));
  }

  /// What the group has committed of the input's first partition, and the metadata beside it.
  [[nodiscard]] std::optional<worker::CommitMetadata> metadata() const {
    const auto consumer = std::make_shared<kafka::GroupConsumer>(
        config, kafka::GroupOptions{.topics = {std::string(in.topic())}}, std::make_shared<kafka::Wakeup>());
    const kafka::PartitionList list{rd_kafka_topic_partition_list_new(1)};
    rd_kafka_topic_partition_list_add(list.get(), std::string(in.topic()).c_str(), 0);
    const auto error = rd_kafka_committed(consumer->handle(), list.get(), 60'000);
    EXPECT_EQ(error, RD_KAFKA_RESP_ERR_NO_ERROR) << rd_kafka_err2str(error);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    const auto& element = list->elems[0];
    return worker::decode_commit_metadata({static_cast<const char*>(element.metadata), element.metadata_size},
                                          element.offset);
  }

  [[nodiscard]] bool said(std::string_view text) const {
    const auto& observer = static_cast<const CollectingObserver&>(*config.observer);
    for (const auto& line : observer.lines()) {
      if (line.find(text) != std::string::npos) return true;
    }
    return false;
  }

  /// Its output lies on the broker, so that next its transaction is asked to commit.
  [[nodiscard]] bool produced(std::size_t outputs) const {
    return read_raw(out.topic(), 1, outputs, 20s).size() >= outputs;
  }

  const Channel<Image> in = new_channel<Image>(1, {.codec = Codec::kRaw});
  const Channel<Image> out = new_channel<Image>(1, {.codec = Codec::kRaw});
  const Config config;
};

// Closed metadata at the offset before the transaction would set the group back, should the brokers have committed it.
TEST_F(TransactionTrouble, APartitionThatLeavesWithACommitInDoubtKeepsItsOpenMetadata) {
  send_inputs(1);
  WorkerOptions hasty = options();
  hasty.drain_timeout = 1s;
  Worker worker(config, hasty);
  worker.transform(in, out, [](const Message<Image>& message) { return message.value(); });
  answer_next(kEndTxn, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, 3s, 1);
  {
    RunningWorker running(worker);
    ASSERT_TRUE(produced(1));
    running.stop();
  }
  const auto found = metadata();
  ASSERT_TRUE(found) << "it left without a commit";
  EXPECT_TRUE(found->open) << encode(*found);
}

TEST_F(TransactionTrouble, AnInstanceThatMayNotTransactAnyMoreEndsTheWorkerWithAnError) {
  send_inputs(1);
  Worker worker(config, options());
  worker.transform(in, out, [this](const Message<Image>& message) {
    answer_next(kEndTxn, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, 0ms, 1);
    answer_next(kInitProducerId, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED, 0ms, 100);
    return message.value();
  });
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(30s); });
  EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
  EXPECT_TRUE(contains(thrown.text, config.group + "-0")) << thrown.text;
}

TEST_F(TransactionTrouble, OneThatCannotAskWhatIsCommittedSaysWhyItWaits) {
  send_inputs(1);
  Worker worker(config, options());
  worker.transform(in, out, [this](const Message<Image>& message) {
    answer_next(kEndTxn, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE, 0ms, 1);
    tell_no_offsets();
    return message.value();
  });
  RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return said("not known whether a transaction of 1 inputs was committed"); }, 30s));
  tell_offsets();
  EXPECT_TRUE(eventually([&] { return worker.counters().handled == 1; }, 30s)) << "it goes on once it is told";
  running.stop();
}

// The group drops its offset with a topic that is deleted: see RewoundLog.
TEST_F(TransactionTrouble, NothingIsCommittedWhileTheGroupDoesNotSayWhetherTheLogIsTheSame) {
  send_inputs(1);
  Worker worker(config, options());
  std::atomic<int> begun{0};
  worker.transform(in, out, [&](const Message<Image>& message) {
    ++begun;
    if (message.value().frame() == 1) std::this_thread::sleep_for(200ms);  // what the group said before is old then
    return message.value();
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 1; }, 30s));
  tell_no_offsets();
  send_inputs(1, 1);
  ASSERT_TRUE(eventually([&] { return begun == 2; }, 30s));
  EXPECT_FALSE(eventually([&] { return worker.counters().handled > 1; }, 3s));
  EXPECT_EQ(read_raw(out.topic(), 1, 2, 500ms).size(), 1U) << "the transaction's time has not begun";
  tell_offsets();
  EXPECT_TRUE(eventually([&] { return worker.counters().handled == 2; }, 30s));
  running.stop();
}

TEST_F(TransactionTrouble, MetadataThatTheBrokersDoNotTakeIsShortened) {
  send_inputs(1);
  Worker worker(config, options());
  answer_next(kTxnOffsetCommit, RD_KAFKA_RESP_ERR_OFFSET_METADATA_TOO_LARGE, 0ms, 2);
  worker.transform(in, out, [](const Message<Image>& message) { return message.value(); });
  RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return worker.counters().handled == 1; }, 30s));
  EXPECT_TRUE(said("less than 4096 bytes of commit metadata"));
  EXPECT_TRUE(said("accept hardly any commit metadata"));
  running.stop();
}

// A worker that gives a transaction up has no use for its outputs; the client reads them where they lie.
TEST_F(TransactionTrouble, OutputsLiveUntilTheirTransactionHasEndedOrItsClientIsGone) {
  using Client = kafka::TransactionClient;
  Client client(config, {.id = unique_name("id")});
  ASSERT_TRUE(eventually([&] { return client.init(1s).result == Client::Result::kOk; }));
  const auto transact = [&] {
    auto sends = std::make_shared<std::vector<kafka::ProducerRecord::Ptr>>();
    sends->push_back(kafka::ProducerRecord::make(out.topic(), {}, 0, {}, {}));
    EXPECT_EQ(client.begin().result, Client::Result::kOk);
    client.keep(sends);
    EXPECT_EQ(client.produce(*sends->front()).result, Client::Result::kOk);
    return std::weak_ptr<void>(sends);
  };
  const auto committed = transact();
  EXPECT_FALSE(committed.expired());
  ASSERT_EQ(client.commit(20s).result, Client::Result::kOk);
  EXPECT_TRUE(committed.expired());

  const auto aborted = transact();
  EXPECT_FALSE(aborted.expired());
  ASSERT_EQ(client.abort(20s).result, Client::Result::kOk);
  EXPECT_TRUE(aborted.expired());

  answer_next(kProduceRequest, RD_KAFKA_RESP_ERR_NO_ERROR, 2s, 1);
  const auto open = transact();
  EXPECT_EQ(client.commit(1ms).result, Client::Result::kAgain);
  EXPECT_FALSE(open.expired());
  client.destroy();
  EXPECT_TRUE(eventually([&] { return open.expired(); })) << "once it is gone";
}

// Each output has 100 kB; the first transaction takes its time.
TEST_F(TransactionTrouble, HandlersWaitWhileTooMuchIsKeptForTransactions) {
  constexpr int kInputs = 60;
  send_inputs(kInputs);
  WorkerOptions small = options();
  small.order = Order::kUnordered;
  small.threads = 2;
  small.producer.max_queued_bytes = 1'000'000;
  Worker worker(config, small);
  std::atomic<int> calls{0};
  answer_next(kEndTxn, RD_KAFKA_RESP_ERR_NO_ERROR, 6s, 1);
  worker.transform(in, out, [&](const Message<Image>& message) {
    ++calls;
    Image output;
    output.set_frame(message.value().frame());
    output.set_image_data(std::string(100'000, 'x'));
    return output;
  });
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return calls >= 10; }, 30s));
  for (const auto until = Clock::now() + 2s; Clock::now() < until;) {
    ASSERT_LE(calls, 12) << "ten that are kept, and one in each thread";
    ASSERT_EQ(worker.counters().handled, 0U);
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_TRUE(eventually([&] { return worker.counters().handled == kInputs; }, 60s));
  running.stop();
}

}  // namespace
}  // namespace conveyor::tests
