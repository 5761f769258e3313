// What is special to groups of KIP-848 (group.protocol=consumer); tests/newest runs it with a librdkafka that has them.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "conveyor/v1/image.pb.h"
#include "conveyor/worker.h"
#include "support/broker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/group_protocol.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

class ConsumerProtocol : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!uses_consumer_protocol()) GTEST_SKIP() << "this librdkafka may not have the protocol";
    config_ = new_config();
    config_.observer = observer_;
  }
  const std::shared_ptr<CollectingObserver> observer_ = std::make_shared<CollectingObserver>();
  Config config_;
};

TEST_F(ConsumerProtocol, AnAssignorThatTheBrokersDoNotHaveEndsAWorker) {
  config_.properties["group.remote.assignor"] = "nosuch";
  Worker worker(config_, {.dead_letter = {.enabled = false}});
  worker.handle(new_channel<Image>(), [](const Message<Image>&) {});
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(); });
  EXPECT_EQ(thrown.code, errc::invalid_config);
  EXPECT_TRUE(contains(thrown.text, "group.remote.assignor")) << thrown.text;
}

TEST_F(ConsumerProtocol, ATopicThatDoesNotExistIsTold) {
  const auto channel = Channel<Image>::named(unique_name("missing"));
  Worker worker(config_, {.dead_letter = {.enabled = false}});
  worker.handle(channel, [](const Message<Image>&) {});
  const RunningWorker running(worker);
  EXPECT_TRUE(eventually([&] { return !observer_->events(Event::Kind::kTopicMissing).empty(); }, 15s));
  create_topic(std::string(channel.topic()), 1);
  EXPECT_TRUE(eventually([&] { return worker.counters().partitions == 1; }, 30s)) << "created meanwhile, it is read";
}

}  // namespace
}  // namespace conveyor::tests
