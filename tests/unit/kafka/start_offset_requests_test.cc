#include "kafka/start_offset_requests.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <new>
#include <thread>

namespace conveyor::kafka {
namespace {

constexpr TopicPartition kFirst{"topic", 0};
constexpr TopicPartition kSecond{"topic", 1};

std::vector<FoundStartOffset> answer(std::span<const TopicPartition> asked) {
  std::vector<FoundStartOffset> found;
  for (const auto& where : asked) found.push_back({.where = where, .start_offset = StartOffset{.committed = 7}});
  return found;
}

/// What is answered, once all is.
std::vector<FoundStartOffset> answers_of(StartOffsetRequests& questions) {
  while (true) {
    if (auto answers = questions.take()) return *std::move(answers);
    std::this_thread::yield();
  }
}

TEST(StartOffsetRequests, AsksNothingByThemselves) {
  StartOffsetRequests questions;
  EXPECT_FALSE(questions.asking());
  EXPECT_FALSE(questions.take());
}

TEST(StartOffsetRequests, AreAnsweredOnce) {
  StartOffsetRequests questions;
  questions.ask({kFirst, kSecond}, true, &answer);
  const auto answers = answers_of(questions);
  ASSERT_EQ(answers.size(), 2U);
  EXPECT_EQ(answers[1].where, kSecond);
  EXPECT_FALSE(questions.asking());
  EXPECT_FALSE(questions.take());
}

TEST(StartOffsetRequests, AreAskedTogetherOrOneByOne) {
  for (const bool together : {true, false}) {
    std::atomic<int> calls{0};
    StartOffsetRequests questions;
    questions.ask({kFirst, kSecond}, together, [&](std::span<const TopicPartition> some) {
      ++calls;
      return answer(some);
    });
    EXPECT_EQ(answers_of(questions).size(), 2U);
    EXPECT_EQ(calls, together ? 1 : 2);
  }
}

TEST(StartOffsetRequests, EndWhereNobodyCanBeAskedAnyMore) {
  int calls = 0;
  StartOffsetRequests questions;
  questions.ask({kFirst, kSecond}, false, [&](std::span<const TopicPartition>) {
    ++calls;
    return std::vector<FoundStartOffset>();
  });
  EXPECT_TRUE(answers_of(questions).empty());
  EXPECT_EQ(calls, 1);
}

TEST(StartOffsetRequests, ThatThrowLeaveTheAnswersThatWereThere) {
  int calls = 0;
  StartOffsetRequests questions;
  questions.ask({kFirst, kSecond}, false, [&](std::span<const TopicPartition> some) {
    if (++calls == 2) throw std::bad_alloc();
    return answer(some);
  });
  const auto answers = answers_of(questions);
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].where, kFirst);
  EXPECT_FALSE(questions.asking());
}

TEST(StartOffsetRequests, WakeWhoWaitsForTheAnswers) {
  const auto wakeup = std::make_shared<Wakeup>();
  StartOffsetRequests questions(wakeup);
  const auto began = std::chrono::steady_clock::now();
  questions.ask({kFirst}, true, &answer);
  wakeup->wait(std::chrono::seconds(40));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(20));
  EXPECT_TRUE(questions.take());
}

TEST(StartOffsetRequests, ThatAreGivenUpAreAskedNoFurther) {
  const auto calls = std::make_shared<std::atomic<int>>(0);
  const auto asked = std::make_shared<std::latch>(1);
  const auto given_up = std::make_shared<std::latch>(1);
  const auto ended = std::make_shared<std::latch>(1);
  {
    // The last who holds it is the thread that asks.
    const std::shared_ptr<void> end(nullptr, [ended](void*) { ended->count_down(); });
    StartOffsetRequests questions;
    questions.ask({kFirst, kSecond}, false, [=](std::span<const TopicPartition> some) {
      static_cast<void>(end);
      ++*calls;
      asked->count_down();
      given_up->wait();
      return answer(some);
    });
    asked->wait();
    questions.give_up();
    EXPECT_FALSE(questions.asking());
    EXPECT_FALSE(questions.take());
  }
  given_up->count_down();
  ended->wait();
  EXPECT_EQ(*calls, 1);
}

}  // namespace
}  // namespace conveyor::kafka
