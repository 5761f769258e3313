// What a producer decides when its client fails: each case by itself, and whole histories with a client made of
// numbers.

#include "produce/producer_recovery.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <cstdio>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace conveyor::kafka {
namespace {

using namespace std::chrono_literals;
using Clock = ProducerRecovery::Clock;
using Step = ProducerRecovery::Step;

const Clock::time_point kStart = Clock::time_point{} + std::chrono::hours(1);
const Clock::time_point kLater = kStart + std::chrono::hours(1);

ProducerRecovery failed_at_start(ProducerRecovery::Settings settings = {}) {
  ProducerRecovery recovery{settings};
  recovery.client_failed(kStart, true, 0);
  return recovery;
}

TEST(ProducerRecovery, DoesNothingWhileTheClientWorks) {
  ProducerRecovery recovery{{}};
  EXPECT_FALSE(recovery.failed());
  EXPECT_FALSE(recovery.takes_back());
  for (const auto now : {kStart, kLater}) {
    for (const std::size_t left : {0, 1, 1'000}) EXPECT_EQ(recovery.next(now, left), Step::kNothing);
  }
}

TEST(ProducerRecovery, AsksAgainAndAgainForWhatTheClientHas) {
  auto recovery = failed_at_start();
  EXPECT_EQ(recovery.next(kStart, 5), Step::kAskForUnsent);
  EXPECT_EQ(recovery.next(kStart, 5), Step::kNothing);
  EXPECT_EQ(recovery.next(kStart + 99ms, 5), Step::kNothing);
  EXPECT_EQ(recovery.next(kStart + 100ms, 5), Step::kAskForUnsent);
  EXPECT_EQ(recovery.next(kStart + 199ms, 5), Step::kNothing);
  EXPECT_EQ(recovery.next(kStart + 200ms, 1), Step::kAskForUnsent);
}

TEST(ProducerRecovery, GivesBrokersTimeToAnswerBeforeItAsksForWhatWasSent) {
  auto recovery = failed_at_start();
  EXPECT_EQ(recovery.next(kStart + 999ms, 5), Step::kAskForUnsent);
  EXPECT_EQ(recovery.next(kStart + 1'099ms, 5), Step::kAskForAll);
  EXPECT_EQ(recovery.next(kStart + 1'199ms, 5), Step::kAskForAll);
}

TEST(ProducerRecovery, GivesThemNoneOnceItIsClosed) {
  ProducerRecovery recovery{{}};
  recovery.close(kStart);
  recovery.client_failed(kStart, true, 0);
  EXPECT_EQ(recovery.next(kStart, 5), Step::kAskForAll);
}

TEST(ProducerRecovery, RebuildsOnceAllIsBackAndTheWaitIsOver) {
  auto recovery = failed_at_start();
  EXPECT_EQ(recovery.next(kStart + 49ms, 0), Step::kNothing) << "half of 100 ms, with the smallest random part";
  EXPECT_EQ(recovery.next(kStart + 50ms, 1), Step::kAskForUnsent);
  EXPECT_EQ(recovery.next(kStart + 51ms, 0), Step::kRebuild);
}

TEST(ProducerRecovery, DoesNotWaitForeverForAClientThatHangs) {
  auto recovery = failed_at_start();
  EXPECT_EQ(recovery.next(kStart + 2'999ms, 1), Step::kAskForAll);
  EXPECT_EQ(recovery.next(kStart + 3'000ms, 1), Step::kRebuild);
}

TEST(ProducerRecovery, SendsAgainUntilAllIsSent) {
  auto recovery = failed_at_start();
  recovery.rebuilt();
  EXPECT_FALSE(recovery.failed());
  EXPECT_FALSE(recovery.takes_back());
  EXPECT_EQ(recovery.next(kStart, 0), Step::kSendAgain);
  EXPECT_EQ(recovery.next(kLater, 7), Step::kSendAgain);
  recovery.all_sent();
  EXPECT_EQ(recovery.next(kLater, 7), Step::kNothing);
}

TEST(ProducerRecovery, WaitsLongerFromFailureToFailureUntilSomethingIsDelivered) {
  ProducerRecovery recovery{{}};
  const auto wait = [&](double random) {
    recovery.client_failed(kStart, true, random);
    auto waited = 0ms;
    while (recovery.next(kStart + waited, 0) != Step::kRebuild) ++waited;
    recovery.rebuilt();
    recovery.all_sent();
    return waited;
  };
  EXPECT_EQ(wait(0), 50ms);
  EXPECT_EQ(wait(0), 100ms);
  EXPECT_EQ(wait(0.5), 300ms);
  for (int i = 0; i < 20; ++i) wait(0);
  EXPECT_EQ(wait(0), 5'000ms) << "the longest";
  recovery.delivered();
  EXPECT_EQ(wait(0), 50ms);
}

TEST(ProducerRecovery, AClientThatCannotBeMadeIsTriedAgainLater) {
  auto recovery = failed_at_start();
  ASSERT_EQ(recovery.next(kStart + 50ms, 0), Step::kRebuild);
  recovery.rebuild_failed(kStart + 50ms, 0);
  EXPECT_TRUE(recovery.failed());
  EXPECT_EQ(recovery.next(kStart + 149ms, 0), Step::kNothing);
  EXPECT_EQ(recovery.next(kStart + 150ms, 0), Step::kRebuild);
}

TEST(ProducerRecovery, ASecondReportOfTheSameFailureChangesNothing) {
  auto recovery = failed_at_start();
  recovery.client_failed(kStart + 49ms, true, 0.9);
  recovery.client_failed(kStart + 49ms, false, 0.9);
  EXPECT_EQ(recovery.next(kStart + 50ms, 0), Step::kRebuild);
}

TEST(ProducerRecovery, AClientThatFailsWhileItGetsTheSendsIsReplacedToo) {
  auto recovery = failed_at_start();
  recovery.rebuilt();
  recovery.client_failed(kLater, true, 0);
  EXPECT_TRUE(recovery.failed());
  EXPECT_EQ(recovery.next(kLater, 3), Step::kAskForUnsent);
  EXPECT_EQ(recovery.next(kLater + 100ms, 0), Step::kRebuild);
}

TEST(ProducerRecovery, WhatNoClientCuresIsNotRebuilt) {
  ProducerRecovery recovery{{}};
  recovery.client_failed(kStart, false, 0);
  EXPECT_TRUE(recovery.failed());
  EXPECT_TRUE(recovery.ended());
  EXPECT_EQ(recovery.next(kStart, 1), Step::kAskForUnsent);
  EXPECT_EQ(recovery.next(kLater, 1), Step::kGiveUp);
  EXPECT_EQ(recovery.next(kLater, 0), Step::kNothing);
}

TEST(ProducerRecovery, ClosingTakesBackAndRebuildsNothing) {
  for (const bool failed : {false, true}) {
    ProducerRecovery recovery{{}};
    if (failed) recovery.client_failed(kStart, true, 0);
    recovery.close(kLater);
    recovery.close(kLater + 1h);
    EXPECT_TRUE(recovery.takes_back());
    EXPECT_EQ(recovery.next(kLater, 2), Step::kAskForAll);
    EXPECT_EQ(recovery.next(kLater + 1ms, 2), Step::kNothing);
    EXPECT_EQ(recovery.next(kLater + 1ms, 0), Step::kNothing);
    EXPECT_EQ(recovery.next(kLater + 3s, 2), Step::kGiveUp);
  }
}

// Every state of the recovery with every state of a send.
TEST(ProducerRecovery, DecidesEveryCase) {
  enum class State { kRunning, kGivingBack, kSendingAgain, kEnded };
  int cases = 0;
  for (const State state : {State::kRunning, State::kGivingBack, State::kSendingAgain, State::kEnded}) {
    for (unsigned bits = 0; bits < 32; ++bits) {
      const bool resend = bits & 1U;
      const bool closed = bits & 2U;
      const bool with_client = bits & 4U;
      const bool possibly = bits & 8U;
      const bool overdue = bits & 16U;
      ProducerRecovery recovery{{.resend = resend}};
      if (state != State::kRunning) recovery.client_failed(kStart, state != State::kEnded, 0);
      if (state == State::kSendingAgain) recovery.rebuilt();
      if (closed) recovery.close(kStart);
      const Fate fate = recovery.fate_of({with_client, possibly, kStart}, overdue ? kStart : kStart - 1ms);
      SCOPED_TRACE(testing::Message() << "state " << static_cast<int>(state) << " bits " << bits);
      ++cases;

      const bool ended = state == State::kEnded;
      const bool taking_back = closed || ended || state == State::kGivingBack;
      if (with_client) {
        EXPECT_EQ(fate, overdue && !taking_back ? Fate::kPossiblyDelivered : Fate::kLeave);
        continue;
      }
      // Never sent again: when closed, when no client is there for it, when its time is over, when it might be doubled.
      const bool may_go = state == State::kSendingAgain && !closed && !overdue && (resend || !possibly);
      EXPECT_EQ(fate == Fate::kSendAgain, may_go);
      // Possibly stored is never told as "no broker has it", and nothing else as possibly stored.
      if (possibly) {
        EXPECT_TRUE(fate == Fate::kLeave || fate == Fate::kSendAgain || fate == Fate::kPossiblyDelivered);
      } else {
        EXPECT_NE(fate, Fate::kPossiblyDelivered);
      }
      // Nothing is left over at an end.
      if (closed || ended || overdue) {
        EXPECT_NE(fate, Fate::kLeave);
      }
      if (fate == Fate::kClientFailed) {
        EXPECT_TRUE(ended);
      }
      if (fate == Fate::kStopped) {
        EXPECT_TRUE(closed && !ended);
      }
      if (fate == Fate::kTimedOut) {
        EXPECT_TRUE(overdue && !closed && !ended);
      }
    }
  }
  EXPECT_EQ(cases, 4 * 32);
}

// A client and a broker made of numbers: the client stores some of what it has, tells of some of that, and fails at
// random.
struct Model {
  struct Send {
    Unresolved known;
    bool may_repeat = false;
    Fate end = Fate::kLeave;
    int ends = 0;
  };

  std::mt19937 random;
  ProducerRecovery recovery;
  std::vector<Send> sends = {};          // by number
  std::vector<std::size_t> client = {};  // what it has, in order
  std::vector<std::size_t> broker = {};  // what is stored, in order
  Clock::time_point now = kStart;
  bool open = true;
  std::size_t unsent = 0;
  std::uint64_t possible_duplicates = 0;

  bool chance(int percent) { return static_cast<int>(random() % 100) < percent; }
  void end(std::size_t i, Fate fate) {
    sends[i].end = fate;
    ++sends[i].ends;
  }
  void look() {
    for (std::size_t i = 0; i < sends.size(); ++i) {
      if (sends[i].ends != 0 || sends[i].known.with_client) continue;
      const Fate fate = recovery.fate_of(sends[i].known, now);
      if (fate != Fate::kLeave && fate != Fate::kSendAgain) end(i, fate);
    }
  }
  void give_back(std::size_t i, bool possibly) {
    sends[i].known.with_client = false;
    sends[i].known.possibly_stored |= possibly;
    sends[i].may_repeat = possibly;
  }
  void hand_over(std::size_t i) {
    sends[i].known.with_client = true;
    if (sends[i].may_repeat) ++possible_duplicates;
    sends[i].may_repeat = false;
    client.push_back(i);
  }
  void accept() {
    sends.push_back({.known = {.due = now + std::chrono::hours(24)}});
    if (open) hand_over(sends.size() - 1);
  }
  // The broker stores the first few; the acknowledgements of some get lost when the client fails now.
  void run_client() {
    const std::size_t stored = client.empty() ? 0 : random() % (client.size() + 1);
    const std::size_t told = stored == 0 ? 0 : random() % (stored + 1);
    const bool fails = chance(10);
    for (std::size_t k = 0; k < (fails ? stored : told); ++k) broker.push_back(client[k]);
    for (std::size_t k = 0; k < told; ++k) {
      sends[client[k]].known.with_client = false;
      end(client[k], Fate::kLeave);
      recovery.delivered();
    }
    client.erase(client.begin(), client.begin() + static_cast<std::ptrdiff_t>(told));
    if (!fails) return;
    recovery.client_failed(now, true, 0.5);
    open = false;
    const bool hangs = chance(30);
    const std::size_t reported = hangs ? random() % (client.size() + 1) : client.size();
    // Reports come in no order, here: backwards.
    for (std::size_t k = reported; k-- > 0;) give_back(client[k], k < stored - told);
    client.erase(client.begin(), client.begin() + static_cast<std::ptrdiff_t>(reported));
  }
  void step() {
    now += 20ms;
    switch (recovery.next(now, client.size())) {
      case Step::kRebuild:
        for (const std::size_t i : client) give_back(i, true);
        client.clear();
        recovery.rebuilt();
        unsent = 0;
        break;
      case Step::kSendAgain: {
        look();
        for (int n = 0; n < 3 && unsent < sends.size(); ++unsent) {
          Send& send = sends[unsent];
          if (send.ends != 0 || recovery.fate_of(send.known, now) != Fate::kSendAgain) continue;
          hand_over(unsent);
          ++n;
        }
        if (unsent == sends.size()) {
          recovery.all_sent();
          open = true;
        }
        break;
      }
      default:
        break;
    }
    look();
    if (!recovery.failed()) run_client();
  }
};

TEST(ProducerRecovery, EveryHistoryResolvesEachSendOnceAndKeepsTheOrder) {
  const auto seed = std::random_device{}();
  std::printf("seed %u\n", seed);
  std::mt19937 random(seed);
  for (int history = 0; history < 400; ++history) {
    const bool resend = history % 2 == 0;
    Model model{.random = std::mt19937(random()), .recovery = ProducerRecovery({.resend = resend})};
    while (model.sends.size() < 200) {
      for (auto n = model.random() % 8; n-- > 0;) model.accept();
      model.step();
    }
    const auto resolved = [&] {
      for (const auto& send : model.sends) {
        if (send.ends == 0) return false;
      }
      return true;
    };
    for (int i = 0; i < 100'000 && !resolved(); ++i) model.step();
    ASSERT_TRUE(resolved()) << "seed " << seed << " history " << history;

    std::map<std::size_t, int> copies;
    std::vector<std::size_t> firsts;
    for (const std::size_t i : model.broker) {
      if (++copies[i] == 1) firsts.push_back(i);
    }
    ASSERT_TRUE(std::is_sorted(firsts.begin(), firsts.end())) << "seed " << seed << " history " << history;
    for (std::size_t i = 0; i < model.sends.size(); ++i) {
      const auto& send = model.sends[i];
      ASSERT_EQ(send.ends, 1);
      ASSERT_TRUE(send.end == Fate::kLeave || (!resend && send.end == Fate::kPossiblyDelivered));
      if (send.end == Fate::kLeave) {
        ASSERT_GE(copies[i], 1) << "told as delivered";
      }
    }
    const std::size_t duplicates = model.broker.size() - firsts.size();
    ASSERT_LE(duplicates, model.possible_duplicates);
    if (!resend) {
      ASSERT_EQ(duplicates, 0U);
    }
  }
}

}  // namespace
}  // namespace conveyor::kafka
