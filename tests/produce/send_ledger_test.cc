#include "produce/send_ledger.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace conveyor::detail {
namespace {

class Collector final : public SendLedger::Listener {
 public:
  explicit Collector(SendLedger& ledger) : ledger_(ledger) { ledger_.add(*this); }
  ~Collector() override { ledger_.remove(*this); }

  void on_send_failed(std::uint64_t sequence, const Delivery&) override {
    const std::lock_guard lock{mutex_};
    EXPECT_LT(ledger_.resolved_up_to(), sequence) << "said too late";
    failed_.push_back(sequence);
  }
  void on_sends_resolved() override {
    const std::lock_guard lock{mutex_};
    ++grown_;
  }
  [[nodiscard]] std::vector<std::uint64_t> failed() {
    const std::lock_guard lock{mutex_};
    return failed_;
  }
  [[nodiscard]] int grown() {
    const std::lock_guard lock{mutex_};
    return grown_;
  }

 private:
  SendLedger& ledger_;
  std::mutex mutex_;
  std::vector<std::uint64_t> failed_;
  int grown_ = 0;
};

TEST(SendLedger, CountsNothingWhileNobodyListens) {
  SendLedger ledger;
  EXPECT_EQ(ledger.begin(), 0U);
  ledger.resolved(0, {});
  ledger.cancelled(0);
  EXPECT_EQ(ledger.last(), 0U);
  EXPECT_EQ(ledger.resolved_up_to(), 0U);
}

TEST(SendLedger, IsResolvedUpToTheFirstThatIsNot) {
  SendLedger ledger;
  Collector collector(ledger);
  EXPECT_EQ(ledger.begin(), 1U);
  EXPECT_EQ(ledger.begin(), 2U);
  EXPECT_EQ(ledger.begin(), 3U);
  EXPECT_EQ(ledger.last(), 3U);
  ledger.resolved(2, {});
  EXPECT_EQ(ledger.resolved_up_to(), 0U);
  EXPECT_EQ(collector.grown(), 0);
  ledger.resolved(1, {});
  EXPECT_EQ(ledger.resolved_up_to(), 2U);
  EXPECT_EQ(collector.grown(), 1);
  ledger.cancelled(3);
  EXPECT_EQ(ledger.resolved_up_to(), 3U);
  EXPECT_EQ(collector.grown(), 2);
}

TEST(SendLedger, SaysThatASendFailedBeforeItCountsAsResolved) {
  SendLedger ledger;
  Collector collector(ledger);
  static_cast<void>(ledger.begin());
  ledger.resolved(1, {.error = errc::timed_out});
  EXPECT_EQ(collector.failed(), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(ledger.resolved_up_to(), 1U);
}

TEST(SendLedger, GoesOnCountingWhenListenersChange) {
  SendLedger ledger;
  std::uint64_t sequence = 0;
  {
    Collector collector(ledger);
    sequence = ledger.begin();
  }
  EXPECT_EQ(ledger.begin(), 0U);
  ledger.resolved(sequence, {});
  Collector collector(ledger);
  EXPECT_EQ(ledger.begin(), 2U);
  EXPECT_EQ(ledger.resolved_up_to(), 1U);
}

TEST(SendLedger, OfManyThreadsIsResolvedInTheEnd) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  constexpr int kThreads = 4;
  constexpr int kSends = 2'000;
  SendLedger ledger;
  Collector collector(ledger);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&ledger, random = std::mt19937(seed + static_cast<unsigned>(i))]() mutable {
        std::vector<std::uint64_t> open;
        for (int send = 0; send < kSends; ++send) {
          open.push_back(ledger.begin());
          std::swap(open.back(), open[random() % open.size()]);
          if (random() % 3 == 0) continue;
          if (open.back() % 10 == 0) {
            ledger.resolved(open.back(), {.error = errc::timed_out});
          } else {
            ledger.resolved(open.back(), {});
          }
          open.pop_back();
        }
        for (const auto sequence : open) ledger.cancelled(sequence);
      });
    }
  }
  EXPECT_EQ(ledger.last(), static_cast<std::uint64_t>(kThreads * kSends));
  EXPECT_EQ(ledger.resolved_up_to(), ledger.last());
  const auto failed = collector.failed();
  EXPECT_TRUE(std::ranges::all_of(failed, [](auto sequence) { return sequence % 10 == 0; }));
}

}  // namespace
}  // namespace conveyor::detail
