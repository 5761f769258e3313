#include "kafka/send_memory.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <random>
#include <set>
#include <thread>
#include <vector>

namespace conveyor::kafka {
namespace {

struct Taken {
  char* memory;
  std::size_t size;
  std::size_t room;
};

Taken take(std::size_t size, char fill) {
  SendMemory memory(size);
  EXPECT_GE(memory.room(), size);
  std::memset(memory.get(), fill, size);
  const std::size_t room = memory.room();
  return {memory.release(), size, room};
}

// Each byte is as the one before it: a loop takes half a minute under a sanitizer.
bool is_filled(const Taken& taken, char fill) {
  return taken.memory[0] == fill && std::memcmp(taken.memory, taken.memory + 1, taken.size - 1) == 0;
}

TEST(SendMemory, GivesNoBlockTwice) {
  for (const std::size_t size : {1U, 127U, 128U, 500U, 2'047U, 2'048U, 2'049U, 100'000U}) {
    std::vector<Taken> taken;
    for (int round = 0; round < 3; ++round) {
      std::set<char*> different;
      for (int i = 0; i < 300; ++i) taken.push_back(take(size, static_cast<char>(i)));
      for (std::size_t i = 0; i < taken.size(); ++i) {
        different.insert(taken[i].memory);
        EXPECT_TRUE(is_filled(taken[i], static_cast<char>(i)));
      }
      EXPECT_EQ(different.size(), taken.size());
      for (const Taken& one : taken) SendMemory::give_back(one.memory, one.room);
      taken.clear();
    }
  }
}

TEST(SendMemory, KeepsWhatIsInItWhenItShrinks) {
  for (const std::size_t size : {10U, 2'000U, 10'000U, 1'000'000U}) {
    for (const std::size_t left : {1UL, size / 2, size - 1}) {
      SendMemory memory(size);
      std::memset(memory.get(), 'x', left);
      memory.shrink(left);
      EXPECT_GE(memory.room(), left);
      for (std::size_t i = 0; i < left; ++i) ASSERT_EQ(memory.get()[i], 'x');
      std::memset(memory.get(), 'y', memory.room());
    }
  }
}

// As senders and the thread of reports do: what one fills another checks and gives back, and threads come and go.
TEST(SendMemory, IsNobodyElsesBetweenTakingAndGivingBackOnAnotherThread) {
  struct Letter {
    Taken taken;
    char fill;
  };
  std::mutex mutex;
  std::deque<Letter> letters;
  std::atomic<int> senders{0};
  std::atomic<int> wrong{0};
  std::atomic<int> checked{0};
  constexpr int kThreads = 6;
  constexpr int kEach = 5'000;
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    senders.fetch_add(1);
    threads.emplace_back([&, t] {
      std::mt19937 random(static_cast<unsigned>(t));
      for (int i = 0; i < kEach; ++i) {
        const auto fill = static_cast<char>(random());
        const Letter letter{take(1 + random() % 2'500, fill), fill};
        const std::lock_guard lock{mutex};
        letters.push_back(letter);
      }
      senders.fetch_sub(1);
    });
  }
  for (int t = 0; t < 2; ++t) {
    threads.emplace_back([&] {
      while (true) {
        const bool last = senders.load() == 0;
        std::vector<Letter> some;
        {
          const std::lock_guard lock{mutex};
          while (!letters.empty() && some.size() < 200) {
            some.push_back(letters.front());
            letters.pop_front();
          }
        }
        for (const auto& [taken, fill] : some) {
          if (!is_filled(taken, fill)) wrong.fetch_add(1);
          SendMemory::give_back(taken.memory, taken.room);
          checked.fetch_add(1);
        }
        if (some.empty() && last) return;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(checked, kThreads * kEach);
}

}  // namespace
}  // namespace conveyor::kafka
