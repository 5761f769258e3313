#include "produce/delivery_texts.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;
using testing::Test;

class DeliveryTextsTest : public Test {
 protected:
  static Config config() {
    Config config;
    config.bootstrap_servers = "broker:9092";
    config.topic_prefix = "test.";
    config.max_record_bytes = 4'000'000;
    return config;
  }
  static bool has(const std::string& text, const std::string& part) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
    return text.find(part) != std::string::npos;
  }

  std::shared_ptr<Reporter> reporter_ = std::make_shared<Reporter>(std::make_shared<Observer>());
  DeliveryTexts texts_{
      config(),
      {.max_queued_messages = 7, .max_queued_bytes = 800, .delivery_timeout = 900ms, .close_timeout = 1'000ms},
      reporter_};
};

TEST_F(DeliveryTextsTest, AFullQueueNamesItsBoundsAndTheirSettings) {
  const Refusal refusal = texts_.queue_full({.in_flight = 5, .in_flight_bytes = 600});
  EXPECT_EQ(refusal.code, errc::queue_full);
  EXPECT_TRUE(has(refusal.text, "5 messages, 600 bytes"));
  EXPECT_TRUE(has(refusal.text, "max_queued_messages = 7"));
  EXPECT_TRUE(has(refusal.text, "max_queued_bytes = 800"));
}

TEST_F(DeliveryTextsTest, SayTheWholeTopicAndWhere) {
  EXPECT_TRUE(has(texts_.of_error(RD_KAFKA_RESP_ERR__TRANSPORT, "orders"), "channel test.orders on broker:9092: "));
  EXPECT_EQ(texts_.illegal_topic("a b").text, "test.a b is not a legal topic name");
  EXPECT_EQ(texts_.illegal_topic("a b").code, errc::invalid_topic);
}

TEST_F(DeliveryTextsTest, NameTheSettingOfATimeOutAndTheClientsLastComplaint) {
  const std::string before = texts_.of_error(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "orders");
  EXPECT_TRUE(has(before, "delivery_timeout = 900 ms"));
  EXPECT_EQ(before.find("last error"), std::string::npos);
  reporter_->record_error(RD_KAFKA_RESP_ERR__TRANSPORT, "connection refused");
  EXPECT_TRUE(
      has(texts_.of_error(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, "orders"), "the client's last error: connection refused"));
}

TEST_F(DeliveryTextsTest, SayWhatToDoAboutTopicPartitionAndSize) {
  EXPECT_TRUE(has(texts_.of_error(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, "orders"), "create the topic"));
  EXPECT_TRUE(has(texts_.of_error(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "orders"), "fewer partitions"));
  EXPECT_TRUE(has(texts_.of_error(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, "orders"), "max_record_bytes = 4000000"));
}

TEST_F(DeliveryTextsTest, OfARefusalHaveItsCode) {
  EXPECT_EQ(texts_.refused(RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION, "orders").code, errc::unknown_partition);
  EXPECT_EQ(texts_.refused(RD_KAFKA_RESP_ERR_INVALID_REQUIRED_ACKS, "orders").code, errc::delivery_failed);
}

TEST_F(DeliveryTextsTest, TellWhyASendWasGivenUp) {
  EXPECT_TRUE(has(texts_.of_fate(Fate::kTimedOut, "orders", "", false), "delivery_timeout = 900 ms"));
  EXPECT_TRUE(has(texts_.of_fate(Fate::kClientFailed, "orders", "no rights", false), "broker:9092: no rights"));
  EXPECT_TRUE(has(texts_.of_fate(Fate::kStopped, "orders", "", true), "close_timeout = 1000 ms"));
  EXPECT_TRUE(has(texts_.of_fate(Fate::kPossiblyDelivered, "orders", "", false), "ProducerOptions::resend = true"));
  EXPECT_TRUE(has(texts_.of_fate(Fate::kPossiblyDelivered, "orders", "", true), "was closed before it answered"));
}

TEST_F(DeliveryTextsTest, EachFateHasItsCode) {
  EXPECT_EQ(errc_of(Fate::kTimedOut), errc::timed_out);
  EXPECT_EQ(errc_of(Fate::kClientFailed), errc::fatal);
  EXPECT_EQ(errc_of(Fate::kStopped), errc::stopped);
  EXPECT_EQ(errc_of(Fate::kPossiblyDelivered), errc::possibly_delivered);
}

}  // namespace
}  // namespace conveyor::kafka
