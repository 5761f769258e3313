// Processes that die again and again: by themselves, which condemns no record, and on a record, which is found.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "consume/offset_tracker.h"
#include "consume/poison_policy.h"

namespace conveyor::worker {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds kProbation{10'000};

/// One process after another reads two partitions, each with one handler; time is counted, nobody waits.
class Lives {
 public:
  struct Options {
    milliseconds probation = kProbation;
    milliseconds handling{20};  ///< of one record
    int attempts = 3;
    std::optional<std::int64_t> poison = {};  ///< in the first partition: who handles it dies of it
  };
  explicit Lives(const Options& options) : options_(options), stored_(2) {}

  std::set<std::int64_t> condemned;
  std::int64_t handled = 0;

  /// From assignment to death. @param longest it lives no longer
  /// @return how long it lived
  milliseconds live(milliseconds longest) {
    const std::uint64_t run = ++runs_;
    PoisonPolicy policy(options_.probation);
    std::set<std::uint64_t> told;
    for (const Stored& stored : stored_) {
      if (stored.metadata && ((stored.metadata->open && stored.metadata->suspect) || stored.metadata->waits)) {
        told.insert(stored.metadata->run);
      }
    }
    std::vector<Reading> readings;
    for (const Stored& stored : stored_) {
      const PartitionLease::Options options{.run = run, .attempts = options_.attempts, .window = 16, .widest = 64};
      const bool another = stored.metadata && told.contains(stored.metadata->run);
      readings.push_back({.lease = std::make_unique<PartitionLease>(options, stored.metadata, another),
                          .tracker = OffsetTracker(stored.offset),
                          .next = stored.offset});
      policy.add(*readings.back().lease);
    }
    for (milliseconds age{0}; age < longest; age += kTick) {
      for (std::size_t i = 0; i < readings.size(); ++i) {
        if (!handle(readings[i], i, age)) return age;
        begin(policy, readings, readings[i], age);
      }
      for (std::size_t i = 0; i < readings.size(); ++i) commit(readings[i], stored_[i]);
    }
    return longest;
  }

 private:
  static constexpr milliseconds kTick{20};
  static constexpr std::size_t kMostInFlight = 8;

  struct Stored {
    std::int64_t offset = 0;
    std::optional<CommitMetadata> metadata = {};
  };
  struct Reading {
    std::unique_ptr<PartitionLease> lease;
    OffsetTracker tracker;
    std::int64_t next = 0;
    std::deque<std::int64_t> in_hand = {};
    milliseconds first_since{0};
  };

  bool handle(Reading& reading, std::size_t partition, milliseconds age) {
    if (reading.in_hand.empty() || age < reading.first_since + options_.handling) return true;
    if (partition == 0 && options_.poison == reading.in_hand.front()) return false;
    reading.tracker.finish(reading.in_hand.front());
    reading.in_hand.pop_front();
    reading.first_since = age;
    ++handled;
    return true;
  }

  void begin(PoisonPolicy& policy, const std::vector<Reading>& readings, Reading& reading, milliseconds age) {
    while (reading.in_hand.size() < kMostInFlight) {
      std::size_t in_flight = 0;
      for (const Reading& each : readings) in_flight += each.in_hand.size();
      const std::int64_t base = reading.tracker.base().value_or(0);
      const auto now = PoisonPolicy::Clock::time_point(1h) + age;
      const auto verdict = policy.may_begin(*reading.lease, reading.next, base, in_flight, now);
      if (verdict == PoisonPolicy::Verdict::kWait || verdict == PoisonPolicy::Verdict::kCommit) return;
      const std::int64_t record = reading.next++;
      reading.tracker.read(record);
      if (verdict == PoisonPolicy::Verdict::kCondemn) {
        condemned.insert(record);
        reading.tracker.finish(record);
        continue;
      }
      if (reading.in_hand.empty()) reading.first_since = age;
      reading.in_hand.push_back(record);
    }
  }

  void commit(Reading& reading, Stored& stored) {
    const std::int64_t base = reading.tracker.base().value_or(0);
    if (base == stored.offset && !reading.lease->stale(base, reading.next)) return;
    const CommitMetadata metadata = reading.lease->metadata(base, reading.next);
    stored = {base, decode_commit_metadata(encode(metadata), base)};
    reading.tracker.committed(base);
    reading.lease->stored(metadata);
  }

  const Options options_;
  std::vector<Stored> stored_;
  std::uint64_t runs_ = 0;
};

struct Loop {
  milliseconds handling;  // of one record
  milliseconds life;
};

void PrintTo(const Loop& loop, std::ostream* to) {
  *to << "a record takes " << loop.handling.count() << " ms, a life " << loop.life.count();
}

class CrashLoopOf : public testing::TestWithParam<Loop> {};

TEST_P(CrashLoopOf, AProcessThatDiesByItselfCondemnsNoRecordInTwoHundredLives) {
  const Loop& loop = GetParam();
  Lives lives({.handling = loop.handling});
  for (int i = 0; i < 200; ++i) static_cast<void>(lives.live(loop.life));
  EXPECT_EQ(lives.condemned.size(), 0U);
  if (loop.life > loop.handling) {
    EXPECT_GT(lives.handled, 100) << "and what can be done is done";
  }
}

// A test each: a sanitizer needs a second for thousands of ticks of a life.
std::vector<Loop> loops() {
  std::vector<Loop> found;
  for (const milliseconds handling : {20ms, 1'000ms}) {
    for (const milliseconds life : {500ms, 1'000ms, 3'000ms, 9'990ms, 10'500ms, 15'000ms, 20'500ms, 30'000ms}) {
      found.push_back({handling, life});
    }
  }
  return found;
}
INSTANTIATE_TEST_SUITE_P(Times, CrashLoopOf, testing::ValuesIn(loops()), [](const auto& loop) {
  return std::to_string(loop.param.handling.count()) + "msIn" + std::to_string(loop.param.life.count());
});

TEST(CrashLoop, WithoutAWaitInBetweenItWould) {
  Lives lives({.probation = 0ms, .handling = 1'000ms});
  for (int i = 0; i < 200; ++i) static_cast<void>(lives.live(500ms));
  EXPECT_GT(lives.condemned.size(), 40U);
}

TEST(CrashLoop, OnARecordEndsWithItAfterTheWaitsThatAreDocumented) {
  for (const auto& [attempts, waited] : {std::pair{3, 30'000ms}, std::pair{5, 100'000ms}}) {
    Lives lives({.attempts = attempts, .poison = 40});
    milliseconds lived{0};
    int deaths = 0;
    for (; lives.condemned.empty(); ++deaths) {
      ASSERT_LT(deaths, 20);
      lived += lives.live(deaths < attempts ? 1h : waited + 1s);
    }
    EXPECT_EQ(lives.condemned, std::set<std::int64_t>{40});
    EXPECT_EQ(deaths, attempts + 1) << "and a last life, which was ended from outside";
    EXPECT_LT(lived, waited + 1s + waited + 5s);
  }
}

}  // namespace
}  // namespace conveyor::worker
