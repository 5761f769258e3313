#include "transactions/patient_calls.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "support/collecting_observer.h"
#include "support/fake_clock.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Outcome = kafka::TransactionalProducer::Outcome;
using Result = kafka::TransactionalProducer::Result;

class PatientCallsTest : public testing::Test {
 protected:
  void stop() {
    const MutexLock lock{state.mutex};
    state.stopping = true;
  }
  void let_a_partition_leave() {
    const MutexLock lock{state.mutex};
    ++state.releasing;
  }
  [[nodiscard]] milliseconds passed() const { return std::chrono::duration_cast<milliseconds>(clock.now() - began); }
  /// Insists on a call that may succeed later, until so much time has passed.
  Outcome insist_for(milliseconds time) {
    return calls.insist("the commit", [&]() -> Outcome {
      ++called;
      return passed() < time ? Outcome{Result::kAgain, "no answer"} : Outcome{Result::kOk};
    });
  }

  tests::FakeClock clock;
  const tests::FakeClock::TimePoint began = clock.now();
  TransactionState state{100ms, 1'000};
  std::shared_ptr<tests::CollectingObserver> observer = std::make_shared<tests::CollectingObserver>();
  const TransactionEvents events{std::make_shared<kafka::Reporter>(observer), "readers-0", "readers"};
  PatientCalls calls{state, clock, events};
  int called = 0;
};

TEST_F(PatientCallsTest, AWaitLastsAsLongAsItWasAsked) {
  calls.wait(25ms);
  EXPECT_EQ(passed(), 25ms);
  EXPECT_GT(clock.waits, 1) << "being woken in vain does not end it";
}

TEST_F(PatientCallsTest, NothingIsWaitedForInNoTime) {
  calls.wait(0ms);
  EXPECT_EQ(clock.waits, 0);
}

TEST_F(PatientCallsTest, AStopEndsAWait) {
  clock.on_wait = [&] { stop(); };
  calls.wait(1h);
  EXPECT_EQ(clock.waits, 1);
  calls.wait(1h);
  EXPECT_EQ(clock.waits, 1) << "nothing is waited for any more";
}

TEST_F(PatientCallsTest, APartitionThatMustLeaveEndsAWait) {
  clock.on_wait = [&] { let_a_partition_leave(); };
  calls.wait(1h);
  EXPECT_EQ(clock.waits, 1);
}

TEST_F(PatientCallsTest, EverythingIsOverAfterAStop) {
  EXPECT_FALSE(calls.over());
  stop();
  EXPECT_TRUE(calls.over());
}

TEST_F(PatientCallsTest, EverythingIsOverOnceNothingWillBeCommitted) {
  state.dead = true;
  EXPECT_TRUE(calls.over());
}

TEST_F(PatientCallsTest, APartitionThatMustLeaveEndsNoMoreThanAWait) {
  let_a_partition_leave();
  EXPECT_FALSE(calls.over());
}

TEST_F(PatientCallsTest, ACallThatMaySucceedLaterIsRepeated) {
  EXPECT_EQ(insist_for(60ms).result, Result::kOk);
  EXPECT_EQ(called, 4) << "at 0, 20, 40 and 60 ms";
  EXPECT_EQ(passed(), 60ms);
}

TEST_F(PatientCallsTest, EveryOtherResultIsTheAnswer) {
  for (const auto result : {Result::kOk, Result::kAbort, Result::kFatal, Result::kFenced}) {
    int asked = 0;
    const Outcome outcome = calls.insist("the commit", [&]() -> Outcome {
      ++asked;
      return {result, "as it is", RD_KAFKA_RESP_ERR_INVALID_TXN_STATE};
    });
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(outcome.result, result);
    EXPECT_EQ(outcome.text, "as it is");
    EXPECT_EQ(outcome.error, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE);
  }
  EXPECT_EQ(clock.waits, 0);
}

TEST_F(PatientCallsTest, ACallIsMadeOnceEvenAfterAStop) {
  stop();
  EXPECT_EQ(insist_for(0ms).result, Result::kOk) << "what needs no waiting is done";
  EXPECT_EQ(insist_for(1h).result, Result::kAgain);
  EXPECT_EQ(called, 2);
  EXPECT_EQ(clock.waits, 0);
}

TEST_F(PatientCallsTest, AStopEndsTheRepetition) {
  clock.on_wait = [&] {
    if (called == 3) stop();
  };
  EXPECT_EQ(insist_for(1h).result, Result::kAgain);
  EXPECT_EQ(called, 4);
}

TEST_F(PatientCallsTest, NothingIsRepeatedOnceNothingWillBeCommitted) {
  state.dead = true;
  EXPECT_EQ(insist_for(1h).result, Result::kAgain);
  EXPECT_EQ(called, 1);
}

TEST_F(PatientCallsTest, AShortRepetitionIsNotReported) {
  EXPECT_EQ(insist_for(9'980ms).result, Result::kOk);
  EXPECT_TRUE(observer->events(Event::Kind::kClientError).empty());
}

TEST_F(PatientCallsTest, WhyItTakesLongIsSaidAfterAWhileAndSeldomAgain) {
  EXPECT_EQ(insist_for(45s).result, Result::kOk);
  const auto said = observer->events(Event::Kind::kClientError);
  ASSERT_EQ(said.size(), 2U) << "after 10 and after 40 seconds";
  EXPECT_EQ(said.front().text,
            "the transactional producer \"readers-0\" waits and tries again: the commit takes long: no answer");
}

TEST_F(PatientCallsTest, EachCallHasItsOwnPatience) {
  EXPECT_EQ(insist_for(9s).result, Result::kOk);
  EXPECT_EQ(insist_for(18s).result, Result::kOk) << "after 9 seconds more";
  EXPECT_TRUE(observer->events(Event::Kind::kClientError).empty());
}

TEST(Backoff, DoublesUpToASecond) {
  Backoff backoff;
  std::vector<std::int64_t> waits;
  for (int i = 0; i < 8; ++i) waits.push_back(backoff.next().count());
  EXPECT_EQ(waits, (std::vector<std::int64_t>{20, 40, 80, 160, 320, 640, 1'000, 1'000}));
}

}  // namespace
}  // namespace conveyor::worker
