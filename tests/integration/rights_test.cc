// A Kafka that gives rights only later: no right to write says nothing about a record, which waits.

#include "support/rights.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

#include "conveyor/consumer.h"
#include "conveyor/dead_letters.h"
#include "conveyor/producer.h"
#include "conveyor/worker.h"
#include "kafka/group_consumer.h"
#include "kafka/wakeup.h"
#include "support/collecting_observer.h"
#include "support/errors.h"
#include "support/raw_kafka.h"
#include "support/running_worker.h"
#include "support/secured_broker.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;
using v1::Prediction;
using Operation = KafkaRight::Operation;

TEST_F(Rights, ToWriteTheOutputAreWaitedForByTheRecords) {
  send_frames(stage.input, 200);
  Worker worker(config, options());
  transform(worker);
  RunningWorker running(worker);
  ASSERT_TRUE(eventually([&] { return observer->events(Event::Kind::kOutputFailed).size() >= 5; }, 30s));
  EXPECT_TRUE(contains(observer->events(Event::Kind::kOutputFailed)[0].text, "Topic authorization failed"));
  EXPECT_TRUE(contains(observer->events(Event::Kind::kOutputFailed)[0].text, stage.output.topic()));
  EXPECT_LE(committed_offset(config.group, stage.input.topic(), 0), 0);
  stage.let(Operation::kWrite, stage.output.topic());
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 200; }, 40s));
  EXPECT_EQ(running.stop().dead_lettered, 0U);
  expect_all_out(200);
}

TEST_F(Rights, ToWriteTheOutputAreWaitedForHoweverTheHandlerWordsIt) {
  send_frames(stage.input, 3);
  Worker worker(config, options());
  worker.handle(stage.input, [&](const Message<Image>& message, Context& context) {
    Prediction prediction;
    prediction.set_frame(message.value().frame());
    try {
      context.send(stage.output, prediction);
    } catch (const std::exception&) {
      throw std::runtime_error("out of luck");
    }
  });
  RunningWorker running(worker);
  // By then the client knows, and the send itself is refused.
  ASSERT_TRUE(eventually(
      [&] {
        const auto events = observer->events(Event::Kind::kOutputFailed);
        return !events.empty() && contains(events.back().text, "out of luck");
      },
      30s));
  stage.let(Operation::kWrite, stage.output.topic());
  ASSERT_TRUE(eventually([&] { return worker.counters().handled == 3; }, 40s));
  EXPECT_EQ(running.stop().dead_lettered, 0U);
  expect_all_out(3);
}

TEST_F(Rights, ToWriteTheOutputThatAreMissingEndAWorkerInTransactions) {
  send_frames(stage.input, 100);
  Worker worker(config, in_transactions());
  transform(worker);
  RunningWorker running(worker);
  const Thrown thrown = thrown_by([&] { running.end(25s); });
  EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
  EXPECT_TRUE(contains(thrown.text, "rights of this user"));
  EXPECT_EQ(records_in(stage.dead_letters, 0), 0U);
}

TEST_F(Rights, ToTheInputTheGroupAndTheDeadLettersAreAskedForAtTheStart) {
  stage.let_not(Operation::kWrite, stage.dead_letters);
  {
    Worker worker(config, options());
    transform(worker);
    const Thrown thrown = thrown_by([&] { worker.run({}); });
    EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
    EXPECT_TRUE(contains(thrown.text, stage.dead_letters));
  }
  {
    Config other = config;
    other.group = unique_name("other");
    Consumer consumer(other, stage.input);
    const Thrown thrown = thrown_by([&] { static_cast<void>(consumer.next(20s)); });
    EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
  }
  stage.let_not(Operation::kRead, stage.input.topic());
  Consumer consumer(config, stage.input);
  const Thrown thrown = thrown_by([&] { static_cast<void>(consumer.next(20s)); });
  EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
  EXPECT_TRUE(contains(thrown.text, stage.input.topic()));
}

TEST_F(Rights, ToOneTopicThatAreMissingHideNothingThatIsCommittedOfAnother) {
  commit_offset(stage.group, stage.input.topic(), 0, 5);
  commit_offset(stage.group, stage.output.topic(), 0, 7);
  const auto member = std::make_shared<kafka::GroupConsumer>(
      config, kafka::GroupOptions{.topics = {std::string(stage.input.topic())}}, std::make_shared<kafka::Wakeup>());
  const std::vector<kafka::TopicPartition> places{{stage.output.topic(), 0}, {stage.input.topic(), 0}};
  const auto told = member->committed(places, 20s);
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].where, places[1]);
  EXPECT_EQ(told[0].next, 5);
}

TEST_F(Rights, ToTheGroupOfAReplayAreAskedForAtOnce) {
  stage.let(Operation::kRead, stage.dead_letters);
  write_raw(stage.dead_letters, {{.value = "x"}});
  Thrown thrown;
  const auto took = time_of([&] {
    thrown = thrown_by([&] {
      static_cast<void>(replay_dead_letters(config, stage.dead_letters, {}, {.group = unique_name("replay")}));
    });
  });
  EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
  EXPECT_TRUE(contains(thrown.text, "the offsets of group"));
  EXPECT_LT(took, 10s);
}

TEST_F(Rights, ToATransactionalIdAreAskedForAtTheStart) {
  config = as_client();
  config.tls.certificate_file = secured_kafka().file("server.crt");  // CN=broker, who may do nothing
  config.tls.key_file = secured_kafka().file("server.key");
  config.tls.key_password = {};
  config.group = stage.group;
  Worker worker(config, {.exactly_once = {.enabled = true, .instance = "0"}});
  transform(worker);
  const Thrown thrown = thrown_by([&] { worker.run({}); });
  EXPECT_EQ(thrown.code, errc::not_authorized) << thrown.text;
  EXPECT_TRUE(contains(thrown.text, stage.group + "-0"));
}

}  // namespace
}  // namespace conveyor::tests
