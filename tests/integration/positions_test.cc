// Where a consumer stands in a log that has more than records: the markers of transactions, what was aborted, and a
// beginning that moves.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "conveyor/worker.h"
#include "kafka/handle.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/kafka_cluster/kafka_admin.h"
#include "support/raw_kafka.h"
#include "support/reading_member.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

/// Writes to partition 0 of a topic in transactions.
class TransactionalWriter {
 public:
  explicit TransactionalWriter(std::string topic) : topic_(std::move(topic)) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char error[512];
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap_servers().c_str(), error, sizeof error);
    rd_kafka_conf_set(conf, "transactional.id", topic_.c_str(), error, sizeof error);
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error));
    check(rd_kafka_init_transactions(client_.get(), 30'000));
  }

  void commit(const std::vector<std::string>& values) {
    write(values);
    check(rd_kafka_commit_transaction(client_.get(), 30'000));
  }
  void abort(const std::vector<std::string>& values) {
    write(values);
    if (rd_kafka_flush(client_.get(), 30'000) != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error("not written");
    check(rd_kafka_abort_transaction(client_.get(), 30'000));
  }

 private:
  static void check(rd_kafka_error_t* error) {
    const kafka::KafkaError owned(error);
    if (owned) throw std::runtime_error(rd_kafka_error_string(owned.get()));
  }
  void write(const std::vector<std::string>& values) {
    check(rd_kafka_begin_transaction(client_.get()));
    for (const auto& value : values) {
      rd_kafka_producev(client_.get(), RD_KAFKA_V_TOPIC(topic_.c_str()), RD_KAFKA_V_PARTITION(0),
                        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()),
                        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_END);
    }
  }

  const std::string topic_;
  std::unique_ptr<rd_kafka_t, kafka::Deleter<rd_kafka_destroy>> client_;
};

class Positions : public testing::Test {
 protected:
  Positions() {
    create_topic(topic_, 1);
    config_.observer = observer_;
  }

  [[nodiscard]] worker::MemberOptions options(std::chrono::milliseconds stalled_after = 60s) const {
    return {.topics = {topic_}, .commit_interval = 50ms, .stalled_after = stalled_after};
  }
  [[nodiscard]] bool committed_becomes(std::int64_t offset) const {
    const CommittedOffset committed(config_.group, topic_, 0);
    return eventually([&] { return committed.read() == offset; }, 30s);
  }
  [[nodiscard]] std::size_t expired_events() const { return observer_->events(Event::Kind::kExpired).size(); }

  const std::string topic_ = unique_name("topic");
  const std::shared_ptr<CollectingObserver> observer_ = std::make_shared<CollectingObserver>();
  Config config_ = new_config();
};

TEST_F(Positions, TheEndIsCommittedBehindMarkersAndWhatWasAborted) {
  TransactionalWriter writer(topic_);
  writer.commit({"0", "1"});  // offsets 0 and 1, and a marker
  const ReadingMember member(config_, options());
  ASSERT_TRUE(eventually([&] { return member.values().size() == 2; }, 30s));
  EXPECT_TRUE(committed_becomes(3)) << "the marker";
  writer.abort({"x", "y"});
  EXPECT_TRUE(committed_becomes(6)) << "nothing but an aborted transaction";
  writer.commit({"2"});
  EXPECT_TRUE(committed_becomes(8));
  EXPECT_EQ(member.values(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(member.group_member.counters().expired, 0U) << "no marker is taken for a deleted record";
}

TEST_F(Positions, OfATopicWithNothingButAbortedTransactionsTheEndIsCommitted) {
  TransactionalWriter writer(topic_);
  for (int i = 0; i < 3; ++i) writer.abort({"x"});
  const ReadingMember member(config_, options());
  EXPECT_TRUE(committed_becomes(6));
  EXPECT_EQ(expired_events(), 0U);
}

TEST_F(Positions, AWorkerInTransactionsCommitsTheEndToo) {
  const auto input = Channel<Image>::named(topic_);
  const auto output = new_channel<Prediction>();
  TransactionalWriter writer(topic_);
  const std::string image = zlib_compress(Image().SerializeAsString());
  writer.commit({image, image, image});
  Worker worker(config_, {.exactly_once = {.enabled = true, .instance = "0"}});
  worker.transform(input, output, [](const Message<Image>&) { return Prediction(); });
  RunningWorker running(worker);
  EXPECT_TRUE(committed_becomes(4));
  writer.abort({image});
  EXPECT_TRUE(committed_becomes(6));
  writer.commit({image});
  EXPECT_TRUE(committed_becomes(8));
  EXPECT_EQ(worker.counters().handled, 4U);
  running.stop();
  EXPECT_EQ(read_raw(output.topic(), 1, 5, 3s).size(), 4U) << "each input has one output";
}

TEST_F(Positions, NothingButAbortedTransactionsIsNoStall) {
  TransactionalWriter writer(topic_);
  writer.commit({"0"});
  const ReadingMember member(config_, options(1s));
  ASSERT_TRUE(eventually([&] { return member.values().size() == 1; }, 30s));
  int aborted = 0;
  for (const auto end = Clock::now() + 6s; Clock::now() < end; ++aborted) writer.abort({"x"});
  EXPECT_EQ(member.group_member.counters().recoveries, 0U) << aborted << " aborted transactions";
  EXPECT_TRUE(committed_becomes(2 + 2 * aborted));
}

TEST_F(Positions, RecordsThatAreDeletedBeforeTheyAreReadAreTold) {
  write_raw(topic_, std::vector<RawRecord>(2, {.value = "a"}));
  {
    const ReadingMember member(config_, options());
    ASSERT_TRUE(committed_becomes(2));
  }
  write_raw(topic_, std::vector<RawRecord>(15, {.value = "b"}));
  KafkaAdmin admin(bootstrap_servers());
  admin.delete_records(topic_, 0, 12);
  const ReadingMember member(config_, options());
  ASSERT_TRUE(committed_becomes(17));
  EXPECT_EQ(member.values().size(), 5U);
  EXPECT_EQ(member.group_member.counters().expired, 10U);
  const auto events = observer_->events(Event::Kind::kExpired);
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events.front().topic, topic_);
  EXPECT_EQ(events.front().partition, 0);
  EXPECT_EQ(events.front().offset, 2);
  EXPECT_NE(events.front().text.find("offsets 2 to 11 were deleted"), std::string::npos) << events.front().text;
}

TEST_F(Positions, RecordsThatAreDeletedToTheEndOfTheLogAreToldToo) {
  write_raw(topic_, std::vector<RawRecord>(2, {.value = "a"}));
  {
    const ReadingMember member(config_, options());
    ASSERT_TRUE(committed_becomes(2));
  }
  write_raw(topic_, std::vector<RawRecord>(3, {.value = "b"}));
  KafkaAdmin admin(bootstrap_servers());
  admin.delete_records(topic_, 0, 5);
  const ReadingMember member(config_, options(1s));
  EXPECT_TRUE(eventually([&] { return member.group_member.counters().expired == 3; }, 30s));
  EXPECT_TRUE(committed_becomes(5));
  EXPECT_EQ(expired_events(), 1U);
  EXPECT_EQ(member.group_member.counters().recoveries, 0U);
}

}  // namespace
}  // namespace conveyor::tests
