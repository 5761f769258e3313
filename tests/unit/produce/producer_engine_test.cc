// A whole producer from its first send to its end, and many of them at random.

#include "produce/producer_engine.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <map>
#include <random>
#include <vector>

#include "unit/produce/engine_under_test.h"

namespace conveyor::tests {
namespace {

using namespace std::chrono_literals;

TEST(ProducerEngine, ClosesAtOnceWhenNothingIsLeft) {
  EngineUnderTest producer;
  const auto start = producer.clock.now();
  producer.close();
  EXPECT_EQ(producer.clock.now(), start);
  EXPECT_EQ(producer.cluster.begun_to_destroy, 1);
}

TEST(ProducerEngine, WaitsForWhatIsInFlightWhenItCloses) {
  EngineUnderTest producer({.close_timeout = 1s});
  producer.send_all(0, 3);
  producer.client().on_flush = [&] {
    if (producer.client().flushes == 20) producer.client().deliver_all();
  };
  producer.close();
  for (int id = 0; id < 3; ++id) EXPECT_EQ(producer.outcome(id), errc::ok);
}

TEST(ProducerEngine, TakesBackWhatIsLeftWhenTheTimeIsOver) {
  EngineUnderTest producer({.close_timeout = 100ms});
  producer.send_all(0, 3);
  producer.client().put_on_its_way(1);
  producer.close();
  EXPECT_EQ(producer.outcome(0), errc::stopped);
  EXPECT_EQ(producer.outcome(1), errc::possibly_delivered);
  EXPECT_EQ(producer.outcome(2), errc::stopped);
}

TEST(ProducerEngine, GivesUpWhatAHungClientHasWhenItCloses) {
  EngineUnderTest producer({.close_timeout = 0ms});
  producer.send_all(0, 2);
  producer.client().gives_back = false;
  const auto start = producer.clock.now();
  producer.close();
  EXPECT_EQ(producer.outcome(0), errc::possibly_delivered);
  EXPECT_EQ(producer.outcome(1), errc::possibly_delivered);
  EXPECT_LE(producer.clock.now() - start, 5s);
}

TEST(ProducerEngine, RecoversWhileItCloses) {
  EngineUnderTest producer({.close_timeout = 5s});
  producer.send_all(0, 3);
  producer.client().fail(kFails);
  producer.cluster.on_make = [](FakeProducerHandle& client) { client.on_flush = [&] { client.deliver_all(); }; };
  producer.close();
  for (int id = 0; id < 3; ++id) EXPECT_EQ(producer.outcome(id), errc::ok);
}

TEST(ProducerEngine, ResolvesEachSendOnceWheneverItClosesInARecovery) {
  for (auto close_timeout = 0ms; close_timeout <= 400ms; close_timeout += 10ms) {
    EngineUnderTest producer({.close_timeout = close_timeout});
    producer.send_all(0, 5);
    producer.client().put_on_its_way(0);
    producer.client().deliver(4);
    producer.client().fail(kFails);
    producer.run(20ms);
    producer.send_all(5, 8);
    producer.close();
    ASSERT_TRUE(producer.all_once(0, 8)) << close_timeout.count();
    ASSERT_EQ(producer.outcome(4), errc::ok);
    ASSERT_EQ(producer.outcome(0), errc::possibly_delivered);
  }
}

TEST(ProducerEngine, MakesNoClientAnyMoreOnceItGivesUp) {
  EngineUnderTest producer({.close_timeout = 0ms});
  producer.send(0);
  producer.client().fail(kFails);
  producer.close();
  EXPECT_EQ(producer.cluster.clients.size(), 1U);
  EXPECT_EQ(producer.outcome(0), errc::stopped);
}

TEST(ProducerEngine, RefusesWhatCallbacksSendAtItsEnd) {
  EngineUnderTest producer({.close_timeout = 0ms});
  producer.send(0);
  producer.client().gives_back = false;
  producer.clock.on_wait = nullptr;  // the thread hangs
  errc late = errc::ok;
  producer.on_resolved = [&](int id) {
    if (id == 0) late = producer.send(1);
  };
  producer.close();
  EXPECT_EQ(producer.outcome(0), errc::possibly_delivered);
  EXPECT_EQ(late, errc::stopped);
  EXPECT_EQ(producer.times(1), 0U);
}

TEST(ProducerEngine, ResolvesWhatItsThreadNeverSaw) {
  EngineUnderTest producer({.close_timeout = 0ms});
  producer.send_all(0, 3);
  producer.client().deliver(1);
  producer.clock.on_wait = nullptr;
  producer.close();
  EXPECT_TRUE(producer.all_once(0, 3));
}

TEST(ProducerEngine, WakesItsThreadWhenItCloses) {
  EngineUnderTest producer({.close_timeout = 0ms});
  producer.send(0);
  FakeProducerHandle& client = producer.client();
  int woken = 0;
  producer.on_resolved = [&](int) { woken = client.ended_polls; };
  producer.close();
  EXPECT_EQ(woken, 1);
}

TEST(ProducerEngine, ThrowsWhenItsFirstClientCannotBeMade) {
  FakeCluster cluster;
  cluster.make_failures = 1;
  FakeClock clock;
  EXPECT_THROW(kafka::ProducerEngine({}, {}, {},
                                     {.reporter = std::make_shared<kafka::Reporter>(std::make_shared<Observer>()),
                                      .make_handle = [&] { return cluster.make(); },
                                      .clock = clock,
                                      .random = [] { return 0.0; }}),
               std::runtime_error);
}

/// A producer whose clients do anything, in any order. What the brokers stored is compared with what was told.
class RandomHistory {
 public:
  RandomHistory(std::uint32_t seed, bool resend)
      : random_(seed),
        producer_({.when_full = WhenFull::kFail,
                   .max_queued_messages = 40,
                   .delivery_timeout = std::chrono::milliseconds(chance(50) ? 2'000 : 60'000),
                   .close_timeout = std::chrono::milliseconds(random_() % 500),
                   .resend = resend}) {}

  void run() {
    for (int round = 0; round < 150; ++round) {
      for (auto n = random_() % 4; n-- > 0;) {
        if (producer_.send(next_) == errc::ok) accepted_.push_back(next_);
        ++next_;
      }
      use_client(producer_.client());
      producer_.run(chance(95) ? 10ms : 700ms);
    }
    const ProducerCounters open = producer_.counters();
    EXPECT_EQ(open.in_flight + open.delivered + open.failed, open.accepted);
    producer_.close();
    const ProducerCounters closed = producer_.counters();
    EXPECT_EQ(closed.accepted, accepted_.size());
    EXPECT_EQ(closed.delivered + closed.failed, closed.accepted);
    EXPECT_EQ(closed.in_flight + closed.in_flight_bytes, 0U);
    possible_duplicates_ = closed.possible_duplicates;
  }

  void check(bool resend) {
    std::map<int, int> copies;
    std::vector<int> firsts;
    for (const int id : producer_.cluster.stored) {
      if (++copies[id] == 1) firsts.push_back(id);
    }
    for (int id = 0; id < next_; ++id) {
      const bool accepted = std::ranges::binary_search(accepted_, id);
      ASSERT_EQ(producer_.times(id), accepted ? 1U : 0U) << "send " << id;
      if (!accepted) continue;
      const errc outcome = producer_.outcome(id);
      if (outcome == errc::ok) {
        ASSERT_GE(copies[id], 1) << "told as delivered: " << id;
      }
      if (outcome == errc::stopped || outcome == errc::timed_out || outcome == errc::fatal) {
        ASSERT_EQ(copies[id], 0) << "told as not stored: " << id;
      }
    }
    ASSERT_TRUE(std::ranges::is_sorted(firsts)) << "each client stores in order";
    const std::size_t duplicates = producer_.cluster.stored.size() - firsts.size();
    ASSERT_LE(duplicates, possible_duplicates_);
    if (!resend) {
      ASSERT_EQ(duplicates, 0U);
    }
  }

 private:
  bool chance(int percent) { return static_cast<int>(random_() % 100) < percent; }

  // The brokers store the oldest first; what they have stored without an answer is on its way.
  void use_client(FakeProducerHandle& client) {
    if (&client != last_client_) {
      last_client_ = &client;
      unanswered_ = 0;
    }
    auto has = client.has();
    unanswered_ = std::min(unanswered_, has.size());
    const bool failed = client.fatal_error() != RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!failed && chance(60)) {
      for (auto n = random_() % 6; n-- > 0 && unanswered_ < has.size(); ++unanswered_) {
        client.store(has[unanswered_]);
        client.put_on_its_way(has[unanswered_]);
      }
    }
    std::vector<int> stored(has.begin(), has.begin() + static_cast<std::ptrdiff_t>(unanswered_));
    if (chance(50)) std::ranges::shuffle(stored, random_);
    for (const int id : stored) {
      if (!chance(70)) continue;
      client.acknowledge(id);
      --unanswered_;
    }
    if (chance(4)) client.fail(kFails);
    if (chance(3)) producer_.cluster.make_failures = static_cast<int>(random_() % 3);
    if (chance(10)) client.gives_back = !client.gives_back;
  }

  std::mt19937 random_;
  EngineUnderTest producer_;
  std::vector<int> accepted_;
  int next_ = 0;
  std::size_t unanswered_ = 0;  // of what the client has: stored, from the oldest on
  const FakeProducerHandle* last_client_ = nullptr;
  std::uint64_t possible_duplicates_ = 0;
};

TEST(ProducerEngine, EveryHistoryResolvesEachSendOnceAndKeepsTheOrder) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  for (int history = 0; history < 60; ++history) {
    const bool resend = history % 2 == 0;
    RandomHistory one(random(), resend);
    one.run();
    one.check(resend);
    ASSERT_FALSE(HasFatalFailure()) << "history " << history;
  }
}

}  // namespace
}  // namespace conveyor::tests
