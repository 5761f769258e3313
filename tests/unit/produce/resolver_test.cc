#include "produce/resolver.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/collecting_observer.h"
#include "support/fake_producer_handle.h"

namespace conveyor::kafka {
namespace {

using tests::CollectingObserver;
using tests::numbered_send;

class ResolverTest : public ::testing::Test {
 protected:
  /// @return the accepted send, which the resolver destroys
  ProducerRecord* accept(DeliveryCallback done = {}) {
    auto send = numbered_send(1, std::move(done));
    const MutexLock lock{state_.mutex};
    state_.registry.accept(send.get(), 0, true);
    return send.release();
  }
  static std::vector<Resolution> failed(ProducerRecord* send, errc code = errc::timed_out) {
    std::vector<Resolution> batch;
    batch.push_back({.send = send, .code = code, .text = std::make_unique<const std::string>("the reason")});
    return batch;
  }
  static std::vector<Resolution> delivered(ProducerRecord* send) {
    std::vector<Resolution> batch;
    batch.push_back({.send = send, .offset = 42, .partition = 3});
    return batch;
  }
  ProducerCounters counters() {
    const MutexLock lock{state_.mutex};
    return state_.registry.counters();
  }

  std::shared_ptr<CollectingObserver> observer_ = std::make_shared<CollectingObserver>();
  Reporter reporter_{observer_};
  ProducerState state_{{.messages = 10, .bytes = 1'000}};
  Resolver resolver_{state_, reporter_};
};

TEST_F(ResolverTest, TellsTheCallbackWhereTheRecordIs) {
  Delivery seen;
  resolver_.resolve(delivered(accept([&](const Delivery& delivery) { seen = delivery; })));
  EXPECT_FALSE(seen.error);
  EXPECT_EQ(seen.topic, "topic");
  EXPECT_EQ(seen.partition, 3);
  EXPECT_EQ(seen.offset, 42);
  EXPECT_EQ(counters().delivered, 1U);
}

TEST_F(ResolverTest, TellsObserverLogAndCallbackOfAFailure) {
  std::string text;
  std::error_code code;
  resolver_.resolve(failed(accept([&](const Delivery& delivery) {
    text = delivery.error_text;
    code = delivery.error;
  })));
  EXPECT_EQ(text, "the reason");
  EXPECT_EQ(code, errc::timed_out);
  ASSERT_EQ(observer_->events(Event::Kind::kDeliveryFailed).size(), 1U);
  EXPECT_EQ(observer_->events(Event::Kind::kDeliveryFailed)[0].text, "the reason");
  EXPECT_EQ(observer_->lines(), std::vector<std::string>{"1 sends failed; the first: the reason"});
  EXPECT_EQ(counters().failed, 1U);
}

TEST_F(ResolverTest, LogsOneLineForManyFailures) {
  std::vector<Resolution> batch;
  for (int i = 0; i < 5; ++i) batch.push_back(std::move(failed(accept())[0]));
  resolver_.resolve(batch);
  EXPECT_EQ(observer_->lines(), std::vector<std::string>{"5 sends failed; the first: the reason"});
  EXPECT_EQ(observer_->events(Event::Kind::kDeliveryFailed).size(), 5U);
}

TEST_F(ResolverTest, CallsBackBeforeItCounts) {
  std::uint64_t in_flight = 0;
  resolver_.resolve(delivered(accept([&](const Delivery&) { in_flight = counters().in_flight; })));
  EXPECT_EQ(in_flight, 1U);
  EXPECT_EQ(counters().in_flight, 0U);
}

TEST_F(ResolverTest, LogsWhatACallbackThrowsAndGoesOn) {
  std::vector<Resolution> batch = delivered(accept([](const Delivery&) { throw std::runtime_error("oops"); }));
  batch.push_back({.send = accept([](const Delivery&) { throw 1; })});
  batch.push_back({.send = accept()});
  resolver_.resolve(batch);
  EXPECT_EQ(observer_->lines(),
            (std::vector<std::string>{"oops", "a delivery callback threw an exception; it is ignored"}));
  EXPECT_EQ(counters().delivered, 3U);
}

TEST_F(ResolverTest, TellsNothingMoreOfAnExpiredSend) {
  int calls = 0;
  ProducerRecord* send = accept([&](const Delivery&) { ++calls; });
  resolver_.expire(failed(send, errc::possibly_delivered));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(counters().failed, 1U);
  resolver_.resolve(failed(send));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(counters().failed, 1U);
  EXPECT_EQ(observer_->events(Event::Kind::kDeliveryFailed).size(), 1U);
}

TEST_F(ResolverTest, AnExpiredSendThatIsDeliveredLateStaysFailed) {
  ProducerRecord* send = accept();
  resolver_.expire(failed(send));
  resolver_.resolve(delivered(send));
  EXPECT_EQ(counters().failed, 1U);
  EXPECT_EQ(counters().delivered, 0U);
  const MutexLock lock{state_.mutex};
  EXPECT_EQ(state_.registry.expired(), 0U);
}

TEST_F(ResolverTest, DestroysWhatItResolved) {
  const auto alive = std::make_shared<int>(1);
  ProducerRecord* send = accept([alive](const Delivery&) {});
  EXPECT_EQ(alive.use_count(), 2);
  resolver_.resolve(delivered(send));
  EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace conveyor::kafka
