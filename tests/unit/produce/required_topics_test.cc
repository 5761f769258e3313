#include "produce/required_topics.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "conveyor/error.h"
#include "support/fake_clock.h"

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;

class RequiredTopicsTest : public ::testing::Test {
 protected:
  static Config config() {
    Config config;
    config.bootstrap_servers = "broker:9092";
    config.topic_prefix = "test.";
    return config;
  }
  void require(std::chrono::milliseconds within = 1s) {
    topics_.require("test.orders", "make it", within, stop_.get_token());
  }
  errc failure(std::chrono::milliseconds within = 1s) {
    try {
      require(within);
    } catch (const Error& error) {
      text_ = error.what();
      return static_cast<errc>(error.code().value());
    }
    return errc::ok;
  }

  tests::FakeClock clock_;
  std::shared_ptr<Reporter> reporter_ = std::make_shared<Reporter>(std::make_shared<Observer>());
  std::stop_source stop_;
  std::vector<std::string> asked_;
  TopicAnswer answer_;
  std::string text_;
  RequiredTopics topics_{config(), reporter_, clock_, [this](const std::string& topic) {
                           asked_.push_back(topic);
                           return answer_;
                         }};
};

TEST_F(RequiredTopicsTest, KnowThePartitionsOfATopicThatExists) {
  answer_ = {.answered = true, .partitions = 3};
  require();
  EXPECT_EQ(asked_, std::vector<std::string>{"test.orders"});
  EXPECT_TRUE(topics_.partition_exists("orders", 2));
  EXPECT_FALSE(topics_.partition_exists("orders", 3));
  EXPECT_FALSE(topics_.partition_exists("images", 0)) << "nobody required it";
}

TEST_F(RequiredTopicsTest, WaitForATopicThatIsBeingMade) {
  answer_ = {.answered = true, .error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
  clock_.on_wait = [&] {
    if (clock_.waits == 6) answer_ = {.answered = true, .partitions = 1};
  };
  require();
  EXPECT_EQ(asked_.size(), 3U) << "asked each 50 ms";
}

TEST_F(RequiredTopicsTest, SayAfterTheirTimeThatATopicDoesNotExist) {
  answer_ = {.answered = true, .error = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART};
  EXPECT_EQ(failure(), errc::unknown_topic);
  EXPECT_EQ(text_, "topic test.orders does not exist on broker:9092: make it");
  EXPECT_EQ(asked_.size(), 21U);
}

TEST_F(RequiredTopicsTest, DoNotTakeATopicWithoutPartitionsForReady) {
  answer_ = {.answered = true, .partitions = 0};
  EXPECT_EQ(failure(), errc::unknown_topic);
}

TEST_F(RequiredTopicsTest, DoNotWaitForRightsThatAreMissing) {
  answer_ = {.answered = true, .error = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED};
  EXPECT_EQ(failure(), errc::not_authorized);
  EXPECT_EQ(asked_.size(), 1U);
}

TEST_F(RequiredTopicsTest, SayThatNobodyAnswered) {
  answer_ = {.answered = false, .error = RD_KAFKA_RESP_ERR__TRANSPORT};
  EXPECT_EQ(failure(), errc::broker_unreachable);
  EXPECT_GT(asked_.size(), 1U);
}

TEST_F(RequiredTopicsTest, EndWhenTheyAreStopped) {
  answer_ = {.answered = false, .error = RD_KAFKA_RESP_ERR__TRANSPORT};
  clock_.on_wait = [&] {
    if (clock_.waits == 2) stop_.request_stop();
  };
  EXPECT_EQ(failure(1h), errc::stopped);
  EXPECT_EQ(asked_.size(), 2U);
}

}  // namespace
}  // namespace conveyor::kafka
