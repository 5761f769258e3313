// A group whose committed offsets are not told for a while, as where a worker died in the middle of a transaction: no
// partition begins anywhere else meanwhile.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/group_consumer.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/reading_member.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

class UntoldOffsets : public MockBrokerTest {
 protected:
  UntoldOffsets() : config_(new_config()) {
    config_.properties["session.timeout.ms"] = "5000";  // the mock may not notice that a member leaves
    config_.properties["heartbeat.interval.ms"] = "200";
  }

  void create(int partitions) {
    create_topic(topic_, partitions);
    std::vector<RawRecord> records;
    for (int i = 0; i < 200 * partitions; ++i) {
      records.push_back({.value = std::to_string(i / partitions), .partition = i % partitions});
    }
    write_raw(topic_, records);
    for (int i = 0; i < partitions; ++i) commit_offset(config_.group, topic_, i, 100);
  }

  [[nodiscard]] worker::MemberOptions options(std::chrono::milliseconds start_offsets_within = 60s) const {
    return {.topics = {topic_},
            .commit_interval = 20ms,
            .start_offsets_within = start_offsets_within,
            .commit_metadata = true,
            .transacted = true,
            .crash_attempts = 3};
  }
  [[nodiscard]] const CollectingObserver& observer() const {
    return static_cast<const CollectingObserver&>(*config_.observer);
  }

  const std::string topic_ = unique_name("topic");
  Config config_;
};

bool names(const std::vector<CollectingObserver::Seen>& events, const std::string& text) {
  for (const auto& event : events) {
    if (event.text.find(text) != std::string::npos) return true;
  }
  return false;
}

TEST_F(UntoldOffsets, AreWaitedForAndNothingBeginsElsewhere) {
  create(1);
  config_.properties["partition.assignment.strategy"] = "cooperative-sticky";
  tell_no_offsets();
  ReadingMember member(config_, options());
  ASSERT_TRUE(eventually([&] { return member.group_member.counters().rebalances > 0; }, 30s));
  {
    // Its joining and leaving change the assignment while the offset is still not known.
    const ReadingMember another(config_, options());
    ASSERT_TRUE(eventually([&] { return another.group_member.counters().rebalances > 0; }, 30s));
  }
  ASSERT_TRUE(eventually([&] { return member.group_member.counters().rebalances > 2; }, 30s));
  tell_offsets();
  ASSERT_TRUE(eventually([&] { return member.different() >= 100; }, 40s));
  EXPECT_EQ(member.values().front(), "100");
  EXPECT_EQ(member.different(), 100U);
  EXPECT_TRUE(names(observer().events(Event::Kind::kClientError), topic_ + " [0] is not read yet"));
  const CommittedOffset committed(config_.group, topic_, 0);
  EXPECT_TRUE(eventually([&] { return committed.read() >= 100; }));
}

TEST_F(UntoldOffsets, AreWaitedForByAMemberThatTakesAllAtOnce) {
  create(2);
  tell_no_offsets();
  ReadingMember member(config_, options());
  ASSERT_TRUE(
      eventually([&] { return names(observer().events(Event::Kind::kClientError), "and 1 more are not"); }, 30s));
  EXPECT_EQ(member.group_member.counters().partitions, 0U);
  tell_offsets();
  ASSERT_TRUE(eventually([&] { return member.group_member.counters().handled == 200; }, 30s));
  EXPECT_EQ(member.values().front(), "100");
}

TEST_F(UntoldOffsets, ThatAreNeverToldEndTheClientAndTheNextOneAsksAgain) {
  create(1);
  tell_no_offsets();
  ReadingMember member(config_, options(3s));
  ASSERT_TRUE(eventually([&] { return member.group_member.counters().recoveries >= 1; }, 60s));
  EXPECT_TRUE(names(observer().events(Event::Kind::kRecovered), topic_ + " [0] could not be read for 3000 ms"));
  EXPECT_EQ(member.different(), 0U);
  tell_offsets();
  ASSERT_TRUE(eventually([&] { return member.different() >= 100; }, 60s));
  EXPECT_EQ(member.values().front(), "100");
}

/// Of a client's calls: how long the longest took, until it was told its assignment.
struct AssignmentListener final : kafka::ConsumerClient::Listener {
  void on_assigned(std::vector<kafka::Assigned> partitions) override {
    told = true;
    given += partitions.size();
  }
  void on_revoked(std::span<const kafka::TopicPartition>, bool) override {}
  void on_error(rd_kafka_resp_err_t, std::string_view text, std::string_view) override { errors.emplace_back(text); }

  bool told = false;
  std::size_t given = 0;
  std::vector<std::string> errors = {};
};

TEST_F(UntoldOffsets, AreNotWaitedForByTheThreadThatReads) {
  create(1);
  tell_no_offsets();
  const auto wakeup = std::make_shared<kafka::Wakeup>();
  const auto client = std::make_shared<kafka::GroupConsumer>(config_, kafka::GroupOptions{.topics = {topic_}}, wakeup);
  AssignmentListener listener;
  std::chrono::milliseconds longest{0};
  const auto serve = [&] {
    longest = std::max(longest, time_of([&] { client->serve(listener); }));
    wakeup->wait(20ms);
  };
  EXPECT_TRUE(eventually([&] { return serve(), listener.told; }, 30s));
  EXPECT_EQ(listener.given, 0U);
  tell_offsets();
  EXPECT_TRUE(eventually([&] { return serve(), listener.given == 1; }, 30s));
  EXPECT_LT(longest, 500ms) << "the coordinator is asked for a second at first";
  EXPECT_EQ(listener.errors, std::vector<std::string>());
  client->destroy(5s);
}

TEST_F(UntoldOffsets, DoNotHoldUpAMemberThatStops) {
  create(1);
  tell_no_offsets();
  auto member = std::make_optional<ReadingMember>(config_, options());
  ASSERT_TRUE(eventually([&] { return names(observer().events(Event::Kind::kClientError), topic_ + " [0]"); }, 30s));
  EXPECT_LT(time_of([&] { member.reset(); }), 15s);
  tell_offsets();
  EXPECT_EQ(committed_offset(config_.group, topic_, 0), 100);
}

}  // namespace
}  // namespace conveyor::tests
