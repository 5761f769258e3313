// What only a real Kafka does: transactions, and limits of single topics.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/dead_letters.h"
#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
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

RawRecord dead_letter(const std::string& value) {
  return {.value = value,
          .headers = {{"conveyor-dlt-topic", "orders"}, {"conveyor-dlt-partition", "0"}, {"conveyor-dlt-offset", "0"}}};
}

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
  RawTransactions transactions;
  transactions.begin();
  transactions.write(topic, dead_letter("a"));
  EXPECT_EQ(values_in(topic), Values{});  // open
  transactions.write(topic, dead_letter("b"));
  transactions.commit();
  // The mark, which is the last, is written some time after the commit.
  EXPECT_TRUE(eventually([&] { return values_in(topic) == Values{"a", "b"}; }));
  transactions.begin();
  transactions.write(topic, dead_letter("aborted"));
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
