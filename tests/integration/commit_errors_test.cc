// A group's coordinator that refuses commits, and a record that is not finished for long.

#include <gtest/gtest.h>

#include <chrono>
#include <cstddef>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "consume/group_member.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/mock_broker.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

class RefusedCommits : public MockBrokerTest {};

TEST_F(RefusedCommits, EndAWorkerThatMayNotCommit) {
  const auto channel = new_channel<Image>(1, {.codec = Codec::kRaw});
  const Config config = new_config();
  write_raw(channel.topic(), {{.value = Image().SerializeAsString()}});
  rd_kafka_mock_push_request_errors(cluster(), kOffsetCommitRequest, 1, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
  Worker worker(config, {.dead_letter = {.enabled = false}});
  worker.handle(channel, [](const Message<Image>&) {});
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_EQ(thrown.code, errc::not_authorized);
  EXPECT_TRUE(contains(thrown.text, config.group)) << thrown.text;
  EXPECT_TRUE(contains(thrown.text, "check the rights")) << thrown.text;
}

/// Finishes all records but the first at once.
class KeepsTheFirst final : public worker::Receiver {
 public:
  KeepsTheFirst(const Config& config, worker::MemberOptions options)
      : member_(config, std::move(options), *this),
        thread_([this](const std::stop_token& stop) { member_.run(stop, 5s); }) {}

  void receive(std::span<worker::Incoming> incoming) override {
    for (auto& one : incoming) {
      auto receipt = worker::receipt_for(std::move(one));
      const std::lock_guard lock(mutex_);
      if (received_++ == 0) {
        first_ = std::move(receipt);
      } else {
        member_.finish(std::move(receipt));
      }
    }
  }
  std::size_t drop(const worker::Partition&) override { return 0; }

  [[nodiscard]] std::size_t received() const {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  void finish_first() {
    const std::lock_guard lock(mutex_);
    member_.finish(*std::exchange(first_, std::nullopt));
  }

 private:
  mutable std::mutex mutex_;
  std::size_t received_ = 0;
  std::optional<worker::Receipt> first_;
  worker::GroupMember member_;
  std::jthread thread_;
};

class StuckRecord : public MockBrokerTest {};

TEST_F(StuckRecord, BoundsWhatIsFinishedBehindIt) {
  const std::string topic = unique_name("topic");
  create_topic(topic, 1);
  write_raw(topic, std::vector<RawRecord>(5'000, {.value = "x"}));
  KeepsTheFirst member(new_config(),
                       {.topics = {topic}, .max_in_flight = 100, .commit_interval = 20ms, .commit_metadata = true});
  ASSERT_TRUE(eventually([&] { return member.received() >= 1'024; }, 30s));
  // As many as fit into commit metadata, and what one turn of reading takes.
  EXPECT_FALSE(eventually([&] { return member.received() > 1'024 + 64; }, 2s)) << member.received();
  member.finish_first();
  EXPECT_TRUE(eventually([&] { return member.received() == 5'000; }, 30s)) << member.received();
}

}  // namespace
}  // namespace conveyor::tests
