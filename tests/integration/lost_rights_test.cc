// Rights and passwords that are taken away while a service runs, and come back.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>

#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/worker.h"
#include "support/errors.h"
#include "support/group_protocol.h"
#include "support/raw_kafka.h"
#include "support/rights.h"
#include "support/running_worker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;
using Operation = KafkaRight::Operation;

constexpr auto kSoon = 60s;

class LostRights : public Rights {
 protected:
  LostRights() {
    stage.let(Operation::kWrite, stage.output.topic());
    // Who may not use the group cannot leave it: the next member waits for the end of his session.
    set_session_timeout(config.properties, "6000");
  }

  [[nodiscard]] bool handled(const Worker& worker, std::uint64_t count) const {
    return eventually([&] { return worker.counters().handled >= count; }, kSoon);
  }
  /// Not after all the time that it may drain: nothing is accepted any more.
  static void expect_soon_ended(RunningWorker& running, std::string_view says) {
    Thrown thrown;
    EXPECT_LT(time_of([&] { thrown = thrown_by([&] { running.end(kSoon); }); }), 20s);
    EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
    EXPECT_TRUE(contains(thrown.text, says));
  }
  /// A worker that may do everything again handles what is left, and everything is out.
  void expect_the_rest_handled(const WorkerOptions& options, int count) {
    Worker worker(config, options);
    transform(worker);
    RunningWorker running(worker);
    EXPECT_TRUE(eventually([&] { return committed_offset(config.group, stage.input.topic(), 0) >= count; }, kSoon));
    running.stop();
    expect_all_out(count);
  }
};

/// The same in both ways of handling.
class LostRightsOfAWorker : public LostRights, public testing::WithParamInterface<bool> {
 protected:
  LostRightsOfAWorker() { options.drain_timeout = 30s; }

  WorkerOptions options = GetParam() ? in_transactions() : Rights::options();
};
INSTANTIATE_TEST_SUITE_P(Both, LostRightsOfAWorker, testing::Bool(),
                         [](const auto& both) { return both.param ? "InTransactions" : "AtLeastOnce"; });

TEST_P(LostRightsOfAWorker, ToWriteTheOutputAreWaitedFor) {
  send_frames(stage.input, 50);
  Worker worker(config, options);
  transform(worker);
  RunningWorker running(worker);
  ASSERT_TRUE(handled(worker, 50));
  stage.let_not(Operation::kWrite, stage.output.topic());
  send_frames(stage.input, 50, 50);
  ASSERT_TRUE(eventually([&] { return told(Event::Kind::kOutputFailed); }, kSoon));
  stage.let(Operation::kWrite, stage.output.topic());
  ASSERT_TRUE(handled(worker, 100));
  EXPECT_EQ(running.stop().dead_lettered, 0U);
  expect_all_out(100);
}

TEST_P(LostRightsOfAWorker, ToReadTheInputEndItAndCostNoRecord) {
  send_frames(stage.input, 50);
  {
    Worker worker(config, options);
    transform(worker);
    RunningWorker running(worker);
    ASSERT_TRUE(handled(worker, 50));
    stage.let_not(Operation::kRead, stage.input.topic());
    send_frames(stage.input, 50, 50);
    expect_soon_ended(running, stage.input.topic());
  }
  stage.let(Operation::kRead, stage.input.topic());
  expect_the_rest_handled(options, 100);
}

TEST_P(LostRightsOfAWorker, ToTheGroupCostNoRecord) {
  send_frames(stage.input, 50);
  {
    Worker worker(config, options);
    transform(worker);
    RunningWorker running(worker);
    ASSERT_TRUE(handled(worker, 50));
    stage.let_not_use_group(stage.group);
    send_frames(stage.input, 50, 50);
    expect_soon_ended(running, "roup");
  }
  stage.let_use_group(stage.group);
  expect_the_rest_handled(options, 100);
}

TEST_F(LostRights, ToWriteTheDeadLettersAreWaitedForByTheRecords) {
  Worker worker(config, options());
  worker.handle(stage.input, [](const Message<Image>&) { throw std::runtime_error("no"); });
  RunningWorker running(worker);
  send_frames(stage.input, 10);
  ASSERT_TRUE(eventually([&] { return worker.counters().dead_letters == 10; }, kSoon));
  stage.let_not(Operation::kWrite, stage.dead_letters);
  send_frames(stage.input, 10, 10);
  ASSERT_TRUE(eventually([&] { return told(Event::Kind::kDeadLetterFailed); }, kSoon));
  EXPECT_LE(committed_offset(config.group, stage.input.topic(), 0), 10);
  stage.let(Operation::kWrite, stage.dead_letters);
  ASSERT_TRUE(eventually([&] { return worker.counters().dead_letters == 20; }, kSoon));
  running.stop();
  EXPECT_EQ(committed_offset(config.group, stage.input.topic(), 0), 20);
  EXPECT_GE(records_in(stage.dead_letters, 20), 20U);
}

TEST_F(LostRights, ToTransactEndAWorkerAndCostNoRecord) {
  send_frames(stage.input, 50);
  {
    WorkerOptions options = in_transactions();
    options.drain_timeout = 30s;
    Worker worker(config, options);
    transform(worker);
    RunningWorker running(worker);
    ASSERT_TRUE(handled(worker, 50));
    secured_kafka().let_transact({stage.user}, false);
    send_frames(stage.input, 50, 50);
    expect_soon_ended(running, "ransactional Id authorization failed");
  }
  secured_kafka().let_transact({stage.user}, true);
  expect_the_rest_handled(in_transactions(), 100);
}

TEST_F(LostRights, ToReadEndAConsumerThatGoesOnWhereItWas) {
  send_frames(stage.input, 10);
  {
    Consumer consumer(config, stage.input);
    for (int i = 0; i < 10; ++i) ASSERT_NE(consumer.next(20s), nullptr) << i;
    stage.let_not(Operation::kRead, stage.input.topic());
    send_frames(stage.input, 10, 10);
    const Thrown thrown = thrown_by([&] {
      while (consumer.next(20s) != nullptr) continue;
    });
    EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
  }
  stage.let(Operation::kRead, stage.input.topic());
  Consumer consumer(config, stage.input);
  std::set<int> rest;
  while (!rest.contains(19)) {
    const auto* message = consumer.next(20s);
    ASSERT_NE(message, nullptr);
    rest.insert(static_cast<int>(message->value().frame()));
  }
  for (int i = 10; i < 20; ++i) EXPECT_TRUE(rest.contains(i)) << i;
}

TEST_F(LostRights, ToWriteAreToldToAProducer) {
  Producer producer(config);
  producer.send(stage.output, Prediction{});
  ASSERT_EQ(producer.flush(20s).delivered, 1U);
  stage.let_not(Operation::kWrite, stage.output.topic());
  const auto refused = [&] {
    try {
      producer.send(stage.output, Prediction{});
      return producer.flush(5s).failed > 0;
    } catch (const Error& error) {
      return error.code() == errc::not_authorized;
    }
  };
  ASSERT_TRUE(eventually(refused, 20s));
  stage.let(Operation::kWrite, stage.output.topic());
  EXPECT_TRUE(eventually([&] { return !refused(); }, 20s));
}

/// Both kinds of workers and a producer, by a password that no longer holds after the brokers were started again.
TEST_F(LostRights, OfAPasswordAreToldAndWorkGoesOnWhenItHoldsAgain) {
  Stage other(stage.user);
  other.let_read();
  other.let(Operation::kWrite, other.output.topic());
  stage.let(Operation::kWrite, stage.input.topic());
  stage.let(Operation::kRead, stage.output.topic());
  Config config_of_other = config;
  config_of_other.group = other.group;
  Worker worker(config, options());
  transform(worker);
  Worker transacting(config_of_other, in_transactions());
  transacting.handle(other.input, [](const Message<Image>&) {});
  Producer producer(config);
  const auto send = [&](int first) {
    Image image;
    for (int i = first; i < first + 50; ++i) {
      image.set_frame(i);
      producer.send(stage.input, image);
    }
  };
  RunningWorker running(worker);
  RunningWorker running_too(transacting);
  send(0);
  send_frames(other.input, 50);
  ASSERT_TRUE(handled(worker, 50) && handled(transacting, 50));
  const auto before = observer->events(Event::Kind::kClientError).size();
  secured_kafka().change_password("of another alice");
  send(50);
  send_frames(other.input, 50, 50);
  EXPECT_TRUE(eventually(
      [&] {
        const auto events = observer->events(Event::Kind::kClientError);
        return std::any_of(events.begin() + static_cast<std::ptrdiff_t>(before), events.end(), [](const auto& event) {
          return event.text.find("SASL authentication error") != std::string::npos;
        });
      },
      kSoon));
  EXPECT_FALSE(running.ended(1s) || running_too.ended(1s));
  EXPECT_EQ(worker.counters().handled, 50U);
  secured_kafka().change_password(SecuredKafka::kPassword);
  EXPECT_EQ(producer.flush(60s).failed, 0U);
  EXPECT_TRUE(handled(worker, 100) && handled(transacting, 100));
  running.stop();
  running_too.stop();
  expect_all_out(100);
}

}  // namespace
}  // namespace conveyor::tests
