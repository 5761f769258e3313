// What only a real Kafka does: transactions, and limits of single topics.

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/dead_letters.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;

// Letters that zlib cannot shorten much.
std::string noise(std::size_t size) {
  std::mt19937 random(42);
  std::string letters(size, '\0');
  for (char& letter : letters) letter = static_cast<char>('a' + random() % 26);
  return letters;
}

/// A librdkafka producer that writes dead letters in transactions.
class Transactions {
 public:
  Transactions() {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char error[512];
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap_servers().c_str(), error, sizeof error);
    rd_kafka_conf_set(conf, "transactional.id", unique_name("transactions").c_str(), error, sizeof error);
    client_.reset(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error));
    check(rd_kafka_init_transactions(client_.get(), 20'000));
  }

  void begin() { check(rd_kafka_begin_transaction(client_.get())); }
  void commit() { check(rd_kafka_commit_transaction(client_.get(), 20'000)); }
  void abort() { check(rd_kafka_abort_transaction(client_.get(), 20'000)); }
  void write(const std::string& dead_letters, const std::string& value) {
    const auto error = rd_kafka_producev(
        client_.get(), RD_KAFKA_V_TOPIC(dead_letters.c_str()), RD_KAFKA_V_PARTITION(0),
        RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
        RD_KAFKA_V_HEADER("conveyor-dlt-topic", "orders", 6), RD_KAFKA_V_HEADER("conveyor-dlt-partition", "0", 1),
        RD_KAFKA_V_HEADER("conveyor-dlt-offset", "0", 1), RD_KAFKA_V_END);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error(rd_kafka_err2str(error));
    if (rd_kafka_flush(client_.get(), 20'000) != RD_KAFKA_RESP_ERR_NO_ERROR) throw std::runtime_error("flush");
  }

 private:
  struct Destroy {
    void operator()(rd_kafka_t* client) const { rd_kafka_destroy(client); }
  };
  static void check(rd_kafka_error_t* error) {
    if (error == nullptr) return;
    const std::string text = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw std::runtime_error(text);
  }
  std::unique_ptr<rd_kafka_t, Destroy> client_;
};

std::vector<std::string> values_in(const std::string& topic) {
  std::vector<std::string> values;
  read_dead_letters(new_config(), topic, {},
                    [&](const DeadLetter& letter) { values.push_back(letter.value.value_or("(none)")); });
  return values;
}

using Values = std::vector<std::string>;

TEST(ReadDeadLetters, SeeWhatTransactionsHaveCommittedAndEndBehindTheirMarks) {
  const std::string topic = unique_name("dlt");
  create_topic(topic, 1);
  Transactions transactions;
  transactions.begin();
  transactions.write(topic, "a");
  EXPECT_EQ(values_in(topic), Values{});  // open
  transactions.write(topic, "b");
  transactions.commit();
  // The mark, which is the last, is written some time after the commit.
  EXPECT_TRUE(eventually([&] { return values_in(topic) == Values{"a", "b"}; }));
  transactions.begin();
  transactions.write(topic, "aborted");
  transactions.abort();
  EXPECT_EQ(values_in(topic), (Values{"a", "b"}));
}

TEST(ReplayDeadLetters, OneTooLargeForItsTopicIsNamedAndTakesNoneAlong) {
  const std::string origin = unique_name("topic");
  create_topic(origin, 1, {{"max.message.bytes", "1000"}});
  const std::string dead = origin + "-dlt";
  create_topic(dead, 1);
  Producer producer(new_config());
  Image image;
  const std::vector<Header> headers{
      {"conveyor-dlt-topic", origin}, {"conveyor-dlt-partition", "0"}, {"conveyor-dlt-offset", "0"}};
  image.set_image_data(noise(5'000));
  producer.send(Channel<Image>::named(dead), image, {.headers = headers});
  image.set_image_data("small");
  producer.send(Channel<Image>::named(dead), image, {.headers = headers});
  ASSERT_EQ(producer.flush(20s).delivered, 2U);
  const auto report = replay_dead_letters(new_config(), dead);
  EXPECT_EQ(report.sent, 1U);
  EXPECT_EQ(report.failed, 1U);
  ASSERT_EQ(report.problems.size(), 1U);
  EXPECT_EQ(report.problems[0].offset, 0);
  EXPECT_TRUE(contains(report.problems[0].text, origin));
  EXPECT_TRUE(contains(report.problems[0].text, "max.message.bytes"));
}

TEST(ConsumerWithProducer, ASendTooLargeForItsTopicMakesTheLoopThrow) {
  const auto input = new_channel<Image>();
  const auto output = Channel<Prediction>::named(unique_name("output"));
  create_topic(std::string(output.topic()), 1, {{"max.message.bytes", "1000"}});
  const Config config = new_config();
  Producer producer(config);
  for (int i = 1; i <= 3; ++i) producer.send(input, {}, {.partition = 0});
  ASSERT_EQ(producer.flush(20s).delivered, 3U);
  Consumer consumer(config, input, {.producer = &producer});
  const auto thrown = thrown_by([&] {
    for (const auto& message : consumer) {
      Prediction prediction;
      if (message.offset() == 1) prediction.add_object(noise(5'000));
      producer.send(output, prediction);
      producer.flush(20s);
    }
  });
  EXPECT_EQ(thrown.code, errc::message_too_large);
  EXPECT_TRUE(contains(thrown.text, output.topic()));
  EXPECT_EQ((*consumer.begin()).offset(), 1);
}

}  // namespace
}  // namespace conveyor::tests
