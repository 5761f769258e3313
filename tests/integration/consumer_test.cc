// When a message counts as done, where a group goes on, and how a loop ends.

#include "conveyor/consumer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/producer.h"
#include "conveyor/v1/image.pb.h"
#include "support/broker.h"
#include "support/errors.h"
#include "support/group_protocol.h"
#include "support/raw_kafka.h"
#include "support/waiting.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;
using v1::Image;

void send_frames(const Channel<Image>& channel, int first, int last) {
  Producer producer(new_config());
  for (int i = first; i <= last; ++i) {
    Image image;
    image.set_frame(i);
    producer.send(channel, image, {.partition = 0});
  }
  ASSERT_EQ(producer.flush(20s).delivered, static_cast<std::uint64_t>(last - first + 1));
}

// The frame of the next message, or -1.
std::int64_t next_frame(Consumer<Image>& consumer) {
  const auto* message = consumer.next(20s);
  return message == nullptr ? -1 : message->value().frame();
}

TEST(ConsumerGroup, ANewOneStartsAtTheEarliestRecord) {
  const auto channel = new_channel<Image>();
  send_frames(channel, 1, 2);
  Consumer consumer(new_config(), channel);
  EXPECT_EQ(next_frame(consumer), 1);
  EXPECT_EQ(next_frame(consumer), 2);
}

TEST(ConsumerGroup, ANewOneStartsAtTheLatestWhenAsked) {
  const auto channel = new_channel<Image>();
  send_frames(channel, 1, 2);
  Consumer consumer(new_config(), channel, {.start_at = StartAt::kLatest});
  // From when on records are read is known to the client alone: send until one comes.
  int frame = 2;
  const Message<Image>* message = nullptr;
  ASSERT_TRUE(eventually([&] {
    ++frame;
    send_frames(channel, frame, frame);
    message = consumer.next(300ms);
    return message != nullptr;
  }));
  EXPECT_GT(message->value().frame(), 2);
}

TEST(ConsumerGroup, GoesOnWhereTheLastConsumerCommitted) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 5);
  {
    Consumer consumer(config, channel);
    EXPECT_EQ(next_frame(consumer), 1);
    EXPECT_EQ(next_frame(consumer), 2);
    EXPECT_EQ(next_frame(consumer), 3);
    consumer.done();
  }
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 3);
  Consumer consumer(config, channel);
  EXPECT_EQ(next_frame(consumer), 4);
}

TEST(ConsumerGroup, CommitsWhileItReads) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 3);
  Consumer consumer(config, channel, {.commit_interval = 50ms});
  EXPECT_EQ(next_frame(consumer), 1);
  EXPECT_EQ(next_frame(consumer), 2);
  EXPECT_EQ(next_frame(consumer), 3);
  const CommittedOffset committed(config.group, channel.topic(), 0);
  EXPECT_TRUE(eventually([&] { return committed.read() == 2; }));
}

TEST(ConsumerGroup, ClosingCommitsWhatIsDoneAndNoMore) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 3);
  Consumer consumer(config, channel, {.commit_interval = 1h});
  EXPECT_EQ(next_frame(consumer), 1);
  EXPECT_EQ(next_frame(consumer), 2);
  consumer.close();
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 1);
}

TEST(ConsumerLoop, ABreakGivesTheMessageAgain) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 3);
  {
    Consumer consumer(config, channel);
    for (const auto& message : consumer) {
      if (message.value().frame() == 2) break;
    }
    for (const auto& message : consumer) {  // the same consumer
      EXPECT_EQ(message.value().frame(), 2);
      break;
    }
  }
  Consumer consumer(config, channel);  // the next of the group
  EXPECT_EQ(next_frame(consumer), 2);
}

TEST(ConsumerLoop, DoneBeforeABreakGoesOnWithTheNext) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 3);
  {
    Consumer consumer(config, channel);
    for (const auto& message : consumer) {
      if (message.value().frame() == 2) {
        consumer.done();
        break;
      }
    }
  }
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 2);
}

TEST(ConsumerLoop, AnExceptionLeavesTheMessageUnfinished) {
  const auto channel = new_channel<Image>();
  const Config config = new_config();
  send_frames(channel, 1, 3);
  Consumer consumer(config, channel);
  const auto show = [&] {
    for (const auto& message : consumer) {
      if (message.value().frame() == 2) throw std::runtime_error("the display is gone");
    }
  };
  EXPECT_THROW(show(), std::runtime_error);
  EXPECT_EQ((*consumer.begin()).value().frame(), 2);
  consumer.close();
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 1);
}

TEST(ConsumerLoop, LeavingItDoesNotWaitForOneMore) {
  const auto channel = new_channel<Image>();
  send_frames(channel, 1, 1);
  Consumer consumer(new_config(), channel);
  auto at = consumer.begin();
  ASSERT_EQ((*at).value().frame(), 1);
  EXPECT_LT(time_of([&] { ++at; }), 500ms);
}

TEST(ConsumerLoop, EndsWhenItsTokenIsStopped) {
  const auto channel = new_channel<Image>();
  std::stop_source source;
  Consumer consumer(new_config(), channel, {.stop = source.get_token()});
  auto loop = std::async(std::launch::async, [&] {
    for (const auto& message : consumer) static_cast<void>(message);
  });
  EXPECT_TRUE(eventually([&] { return consumer.counters().partitions == 1; }));
  source.request_stop();
  EXPECT_EQ(loop.wait_for(2s), std::future_status::ready);
  consumer.stop();  // should the token have failed
}

TEST(ConsumerLoop, EndsWhenStoppedFromAnotherThread) {
  const auto channel = new_channel<Image>();
  Consumer consumer(new_config(), channel);
  auto loop = std::async(std::launch::async, [&] {
    for (const auto& message : consumer) static_cast<void>(message);
  });
  consumer.stop();
  EXPECT_EQ(loop.wait_for(2s), std::future_status::ready);
}

TEST(ConsumerNext, ReturnsNullWhenNothingComes) {
  const auto channel = new_channel<Image>();
  Consumer consumer(new_config(), channel);
  const auto took = time_of([&] { EXPECT_EQ(consumer.next(300ms), nullptr); });
  EXPECT_GE(took, 290ms);
  EXPECT_LT(took, 2s);
  const Message<Image>* message = nullptr;
  EXPECT_EQ(consumer.try_next(message, 1ms), errc::timed_out);
  consumer.stop();
  EXPECT_EQ(consumer.try_next(message, 1ms), errc::stopped);
  EXPECT_EQ(message, nullptr);
}

TEST(ConsumerCounters, TellWhatHappened) {
  const auto channel = new_channel<Image>(2);
  const Config config = new_config();
  send_frames(channel, 1, 3);
  Consumer consumer(config, channel, {.commit_interval = 50ms});
  EXPECT_EQ(next_frame(consumer), 1);
  EXPECT_EQ(next_frame(consumer), 2);
  EXPECT_TRUE(eventually([&] { return consumer.counters().handled == 1 && consumer.counters().commits >= 1; }));
  const ConsumerCounters counters = consumer.counters();
  EXPECT_EQ(counters.received, 3U);
  EXPECT_GT(counters.received_bytes, 3U * 50);
  EXPECT_EQ(counters.in_flight, 2U);
  EXPECT_EQ(counters.partitions, 2U);
  EXPECT_GE(counters.rebalances, 1U);
  EXPECT_EQ(counters.decode_errors, 0U);
  EXPECT_EQ(counters.commit_errors, 0U);
}

// A loop's body may take longer than the session; the group keeps its member.
TEST(ConsumerGroup, KeepsAMemberWhoseLoopIsSlow) {
  const auto channel = new_channel<Image>();
  Config config = new_config();
  set_session_timeout(config.properties, "3500");
  config.properties["max.poll.interval.ms"] = "3500";
  send_frames(channel, 1, 2);
  Consumer consumer(config, channel);
  EXPECT_EQ(next_frame(consumer), 1);
  std::this_thread::sleep_for(4s);  // the time itself is what is tested
  EXPECT_EQ(next_frame(consumer), 2);
  consumer.done();
  consumer.close();
  EXPECT_EQ(committed_offset(config.group, channel.topic(), 0), 2);
  EXPECT_EQ(consumer.counters().stale, 0U);
}

// librdkafka ends a group by itself when it is told to in the middle of a rebalance; what we ask it then it may never
// answer. Many groups at once, because only a few of them meet the moment.
TEST(ConsumerGroup, LeavingItInTheMiddleOfARebalanceEnds) {
  const auto channel = new_channel<Image>(4);
  send_frames(channel, 1, 20);
  std::vector<std::jthread> groups;
  for (int i = 0; i < 6; ++i) {
    groups.emplace_back([&channel, i, config = new_config()] {
      auto first = std::make_unique<Consumer<Image>>(config, channel, ConsumerOptions{.commit_interval = 10ms});
      EXPECT_EQ(next_frame(*first), 1);
      EXPECT_EQ(next_frame(*first), 2);
      auto second = std::make_unique<Consumer<Image>>(config, channel);
      const auto both = [&] { return first->counters().partitions == 2 && second->counters().partitions == 2; };
      EXPECT_TRUE(eventually(
          [&] {
            static_cast<void>(first->next(5ms));
            return both();
          },
          60s));
      EXPECT_LT(time_of([&] { second.reset(); }), 20s);
      // The first is about to be given everything again: leave before, amid or after.
      static_cast<void>(first->next(std::chrono::milliseconds(i * 60)));
      EXPECT_LT(time_of([&] { first.reset(); }), 20s);
    });
  }
}

TEST(ConsumerGroup, TwoMembersShareThePartitionsAndMissNothing) {
  const auto channel = new_channel<Image>(4);
  const Config config = new_config();
  {
    Producer producer(config);
    for (int i = 0; i < 200; ++i) {
      Image image;
      image.set_frame(i);
      producer.send(channel, image, {.partition = i % 4});
    }
    ASSERT_EQ(producer.flush(20s).delivered, 200U);
  }
  std::set<std::int64_t> frames;
  const auto take = [&](Consumer<Image>& consumer) {
    const Message<Image>* message = nullptr;
    if (!consumer.try_next(message, 20ms)) frames.insert(message->value().frame());
  };
  Consumer first(config, channel);
  ASSERT_TRUE(eventually([&] {
    take(first);
    return frames.size() >= 20;
  }));
  Consumer second(config, channel);
  EXPECT_TRUE(eventually(
      [&] {
        take(first);
        take(second);
        return frames.size() == 200 && first.counters().partitions == 2 && second.counters().partitions == 2;
      },
      40s));
  EXPECT_EQ(frames.size(), 200U);
}

}  // namespace
}  // namespace conveyor::tests
