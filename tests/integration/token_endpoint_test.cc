// An endpoint of OAUTHBEARER's tokens that is silent: librdkafka says nothing of it for 20 seconds.

#include "support/token_endpoint.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/worker.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/running_worker.h"
#include "support/secured_broker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

class SilentTokenEndpoint : public testing::Test {
 protected:
  SilentTokenEndpoint() {
    if (has_oidc()) config = endpoint.used_by(as_alice());
    config.group = stage.group;
    config.observer = observer;
    stage.let_read();
    stage.let(KafkaRight::Operation::kWrite, stage.input.topic());
  }
  void SetUp() override {
    if (!has_oidc()) GTEST_SKIP() << "this librdkafka was built without OIDC";
  }

  [[nodiscard]] bool named() const {
    const auto events = observer->events(Event::Kind::kClientError);
    return std::any_of(events.begin(), events.end(),
                       [&](const auto& event) { return event.text.find(endpoint.url()) != std::string::npos; });
  }

  const std::shared_ptr<CollectingObserver> observer = std::make_shared<CollectingObserver>();
  Stage stage{"alice"};
  TokenEndpoint endpoint{"alice", 60s, TokenEndpoint::Answer::kNothing};
  Config config = as_alice();
};

TEST_F(SilentTokenEndpoint, IsNamedInSecondsAndWorkBeginsWhenItAnswers) {
  Producer producer(config);
  Worker worker(config);
  worker.handle(stage.input, [](const Message<Image>&) {});
  RunningWorker running(worker);
  producer.send(stage.input, Image{});
  EXPECT_TRUE(eventually([&] { return named(); }, 10s));
  endpoint.answer_with(TokenEndpoint::Answer::kToken);
  EXPECT_EQ(producer.flush(20s).delivered, 1U);
  EXPECT_TRUE(eventually([&] { return worker.counters().handled == 1; }, 20s));
}

TEST_F(SilentTokenEndpoint, HoldsNoStopAndNoEndOfAProducer) {
  const auto took = time_of([&] {
    Producer producer(config, {.delivery_timeout = 1s});
    producer.send(stage.input, Image{});
    Worker worker(config, {.drain_timeout = 1s});
    worker.handle(stage.input, [](const Message<Image>&) {});
    RunningWorker running(worker);
    EXPECT_FALSE(running.ended(1s));
    EXPECT_LT(time_of([&] { running.stop(); }), 4s);
  });
  EXPECT_LT(took, 8s);
  const auto lines = observer->lines();
  EXPECT_EQ(
      std::count_if(lines.begin(), lines.end(),
                    [&](const auto& line) { return line.find(endpoint.url() + " answers") != std::string::npos; }),
      2);
}

}  // namespace
}  // namespace conveyor::tests
