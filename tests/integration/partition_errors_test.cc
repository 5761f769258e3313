// Errors that a leader answers a fetch with: they come by the partition's own queue, instead of records.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <span>
#include <string>

#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/reading_member.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

class PartitionErrors : public MockBrokerTest {
 protected:
  PartitionErrors() : config_(new_config()) {
    config_.properties["session.timeout.ms"] = "5000";  // the mock may not notice that a member leaves
    create_topic(topic_, 1);
    write_raw(topic_, {{.value = "0"}});
  }

  [[nodiscard]] bool is_told(const std::string& text) const {
    const auto events = static_cast<const CollectingObserver&>(*config_.observer).events(Event::Kind::kClientError);
    return std::ranges::any_of(events, [&](const auto& event) {
      return event.topic == topic_ && event.partition == 0 && event.offset == 1 &&
             event.text.find(text) != std::string::npos;
    });
  }

  const std::string topic_ = unique_name("topic");
  Config config_;
};

TEST_F(PartitionErrors, AreToldWithTheirPartitionAndReadingGoesOn) {
  ReadingMember member(config_, {.topics = {topic_}});
  ASSERT_TRUE(eventually([&] { return member.different() == 1; }, 30s));
  for (const auto error :
       {RD_KAFKA_RESP_ERR_INVALID_MSG, RD_KAFKA_RESP_ERR_UNKNOWN, RD_KAFKA_RESP_ERR_INVALID_REQUEST}) {
    // One answer may be lost: librdkafka drops those that it has asked for before something moved its partition.
    const auto answer_with_it = [&] {
      rd_kafka_mock_push_request_errors(cluster(), kFetchRequest, 1, error);
      return eventually([&] { return is_told(rd_kafka_err2str(error)); }, 5s);
    };
    EXPECT_TRUE(eventually(answer_with_it, 30s)) << rd_kafka_err2name(error);
  }
  write_raw(topic_, {{.value = "1"}});
  EXPECT_TRUE(eventually([&] { return member.different() == 2; }, 30s));
}

TEST_F(PartitionErrors, OfRightsEndTheMember) {
  rd_kafka_mock_push_request_errors(cluster(), kFetchRequest, 1, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
  class Nobody : public worker::Receiver {
    void receive(std::span<worker::Incoming>) override {}
    std::size_t drop(const worker::Partition&) override { return 0; }
  } nobody;
  worker::GroupMember member(config_, {.topics = {topic_}}, nobody);
  const auto thrown = thrown_by([&] { member.run({}, 1s); });
  EXPECT_EQ(thrown.code, errc::not_authorized);
}

}  // namespace
}  // namespace conveyor::tests
