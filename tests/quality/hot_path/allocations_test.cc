#include "support/allocations.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/consumer.h"
#include "conveyor/producer.h"
#include "conveyor/testing/embedded_broker.h"
#include "kafka/handle.h"
#include "quality/hot_path/by_hand.h"
#include "quality/hot_path/scans.h"

namespace conveyor::tests {
namespace {

using egg::v1::EggScan;
using std::chrono::seconds;

/// How often the calling thread allocates beyond librdkafka's own allocations, which by_hand.h makes. To read a figure:
/// 0 is the floor of a receive, and of a send whose value lies in memory that is used again; else a send has one for
/// its value. Below 0 we save a call that by_hand.h makes, as of headers that nobody looks at. A change in either
/// direction fails, so that a gain stays: then write the new figure here.
struct BeyondLibrdkafka {
  long send;
  long receive;
};
constexpr BeyondLibrdkafka kExpected[] = {
    {0, 0},   // 200B
    {0, -6},  // 1KB
    {2, 0},   // 32KiB: what is compressed into more memory than it needs gives the rest back
};
static_assert(std::size(kExpected) == std::size(kSizes));

// Allocations per message that the median does not show: a queue or buffer that grows now and then.
constexpr double kNowAndThen = 0.2;
constexpr int kWarmUp = 20;  // fills pools, scratch memory and caches
constexpr seconds kPatience{30};

/// Allocations of one call, of many that do the same.
struct Count {
  long median = 0;
  double mean = 0;
};

Count count_each(const Size& size, const std::function<void()>& call) {
  for (int i = 0; i < kWarmUp; ++i) call();
  std::vector<long> counts(static_cast<std::size_t>(size.messages));
  for (long& count : counts) {
    const long before = allocations_of_this_thread();
    call();
    count = allocations_of_this_thread() - before;
  }
  const double all = std::accumulate(counts.begin(), counts.end(), 0.0);
  const auto middle = counts.begin() + size.messages / 2;
  std::nth_element(counts.begin(), middle, counts.end());
  return {*middle, all / size.messages};
}

void expect_beyond(const std::string& what, const Count& ours, const Count& by_hand, long expected) {
  const std::string counted = fmt::format(
      "{} allocates {} times in the calling thread (mean {:.2f}), librdkafka by hand {} times (mean {:.2f})", what,
      ours.median, ours.mean, by_hand.median, by_hand.mean);
  const long beyond = ours.median - by_hand.median;
  EXPECT_EQ(beyond, expected) << fmt::format(
      "{}: {} beyond librdkafka's own, where {} are expected. {} kExpected in {}.", counted, beyond, expected,
      beyond > expected
          ? "Look for a new std::string, vector, shared_ptr or function on this path, or run this test in gdb with a "
            "breakpoint on malloc once messages flow. If it is meant, raise"
          : "Keep the gain: lower",
      __FILE__);
  EXPECT_LE(ours.mean - by_hand.mean, static_cast<double>(ours.median - by_hand.median) + kNowAndThen)
      << counted << ": something allocates every few messages, or grows without end";
}

TEST(Allocations, AreCountedInSharedLibrariesTooButOnlyOfTheCallingThread) {
  const long start = allocations_of_this_thread();
  ::operator delete(::operator new(100));
  EXPECT_EQ(allocations_of_this_thread() - start, 1);
  static_cast<void>(kafka::PartitionList{rd_kafka_topic_partition_list_new(1)});
  EXPECT_GE(allocations_of_this_thread() - start, 2);

  const long before = allocations_of_this_thread();
  std::thread([] {
    for (int i = 0; i < 100; ++i) ::operator delete(::operator new(100));
  }).join();
  EXPECT_LT(allocations_of_this_thread() - before, 100);
}

/// A broker, and for each size a consumer: groups get their partitions after three seconds, all at the same time.
class HotPath : public ::testing::TestWithParam<std::size_t> {
 protected:
  static void SetUpTestSuite() {
    broker_ = std::make_unique<conveyor::testing::EmbeddedBroker>();
    for (const Size& size : kSizes) {
      broker_->create_topic(size.channel.topic(), 1);
      consumers_.push_back(std::make_unique<Consumer<EggScan>>(broker_->config(size.name), size.channel));
    }
  }
  static void TearDownTestSuite() {
    consumers_.clear();
    broker_.reset();
  }

  static inline std::unique_ptr<conveyor::testing::EmbeddedBroker> broker_;
  static inline std::vector<std::unique_ptr<Consumer<EggScan>>> consumers_;
};

TEST_P(HotPath, AllocatesBeyondLibrdkafkaAsOftenAsExpected) {
  const Size& size = kSizes[GetParam()];
  const BeyondLibrdkafka& expected = kExpected[GetParam()];
  const std::string topic(size.channel.topic());
  const auto scans = scans_of(size);

  Producer producer{broker_->config()};
  std::size_t number = 0;
  // What is delivered goes back to the pool, in batches of less than a hundred.
  for (int i = 0; i < kWarmUp + size.messages + 100; ++i) producer.send(size.channel, scans[number++ % scans.size()]);
  ASSERT_EQ(producer.flush(kPatience).delivered, number);
  const bool headers = size.channel.options().codec == Codec::kZlib;
  SenderByHand sender(broker_->bootstrap_servers(), topic, headers);
  const Count send_by_hand = count_each(size, [&] { ASSERT_TRUE(sender.send()); });
  // A busy machine adds allocations, never takes one away: librdkafka's thread is late, the pool gets its memory back
  // late. What our code allocates comes in every round.
  Count send;
  for (int round = 0; round < 5; ++round) {
    number = 0;
    send = count_each(size, [&] { producer.send(size.channel, scans[number++ % scans.size()]); });
    ASSERT_EQ(producer.flush(kPatience).delivered, number);
    const double beyond = static_cast<double>(expected.send) + kNowAndThen;
    if (std::max(static_cast<double>(send.median), send.mean) - send_by_hand.mean <= beyond) break;
  }
  expect_beyond("Producer::send", send, send_by_hand, expected.send);

  Consumer<EggScan>& consumer = *consumers_[GetParam()];
  const Count receive = count_each(size, [&] { ASSERT_NE(consumer.next(kPatience), nullptr); });
  ReceiverByHand receiver(broker_->bootstrap_servers(), topic);
  const Count receive_by_hand = count_each(size, [&] { ASSERT_TRUE(receiver.receive()); });
  expect_beyond("Consumer::next", receive, receive_by_hand, expected.receive);
}

INSTANTIATE_TEST_SUITE_P(OfSize, HotPath, ::testing::Range<std::size_t>(0, std::size(kSizes)),
                         [](const auto& size) { return std::string("Of") + kSizes[size.param].name; });

}  // namespace
}  // namespace conveyor::tests
