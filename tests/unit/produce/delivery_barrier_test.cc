#include "produce/delivery_barrier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

namespace conveyor::detail {
namespace {

class Collector final : public DeliveryBarrier::Listener {
 public:
  explicit Collector(DeliveryBarrier& barrier) : barrier_(barrier) { barrier_.add(*this); }
  ~Collector() override { barrier_.remove(*this); }

  void on_send_failed(std::uint64_t sequence, const Delivery&) override {
    const std::lock_guard lock{mutex_};
    EXPECT_LT(barrier_.resolved_up_to(), sequence) << "said too late";
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
  DeliveryBarrier& barrier_;
  std::mutex mutex_;
  std::vector<std::uint64_t> failed_;
  int grown_ = 0;
};

TEST(DeliveryBarrier, CountsNothingWhileNobodyListens) {
  DeliveryBarrier barrier;
  EXPECT_EQ(barrier.begin(), 0U);
  barrier.resolved(0, {});
  barrier.cancelled(0);
  EXPECT_EQ(barrier.last(), 0U);
  EXPECT_EQ(barrier.resolved_up_to(), 0U);
}

TEST(DeliveryBarrier, IsResolvedUpToTheFirstThatIsNot) {
  DeliveryBarrier barrier;
  Collector collector(barrier);
  EXPECT_EQ(barrier.begin(), 1U);
  EXPECT_EQ(barrier.begin(), 2U);
  EXPECT_EQ(barrier.begin(), 3U);
  EXPECT_EQ(barrier.last(), 3U);
  barrier.resolved(2, {});
  EXPECT_EQ(barrier.resolved_up_to(), 0U);
  EXPECT_EQ(collector.grown(), 0);
  barrier.resolved(1, {});
  EXPECT_EQ(barrier.resolved_up_to(), 2U);
  EXPECT_EQ(collector.grown(), 1);
  barrier.cancelled(3);
  EXPECT_EQ(barrier.resolved_up_to(), 3U);
  EXPECT_EQ(collector.grown(), 2);
}

TEST(DeliveryBarrier, SaysThatASendFailedBeforeItCountsAsResolved) {
  DeliveryBarrier barrier;
  Collector collector(barrier);
  static_cast<void>(barrier.begin());
  barrier.resolved(1, {.error = errc::timed_out});
  EXPECT_EQ(collector.failed(), (std::vector<std::uint64_t>{1}));
  EXPECT_EQ(barrier.resolved_up_to(), 1U);
}

TEST(DeliveryBarrier, GoesOnCountingWhenListenersChange) {
  DeliveryBarrier barrier;
  std::uint64_t sequence = 0;
  {
    Collector collector(barrier);
    sequence = barrier.begin();
  }
  EXPECT_EQ(barrier.begin(), 0U);
  barrier.resolved(sequence, {});
  Collector collector(barrier);
  EXPECT_EQ(barrier.begin(), 2U);
  EXPECT_EQ(barrier.resolved_up_to(), 1U);
}

TEST(DeliveryBarrier, OfManyThreadsIsResolvedInTheEnd) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  constexpr int kThreads = 4;
  constexpr int kSends = 2'000;
  DeliveryBarrier barrier;
  Collector collector(barrier);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&barrier, random = std::mt19937(seed + static_cast<unsigned>(i))]() mutable {
        std::vector<std::uint64_t> open;
        for (int send = 0; send < kSends; ++send) {
          open.push_back(barrier.begin());
          std::swap(open.back(), open[random() % open.size()]);
          if (random() % 3 == 0) continue;
          if (open.back() % 10 == 0) {
            barrier.resolved(open.back(), {.error = errc::timed_out});
          } else {
            barrier.resolved(open.back(), {});
          }
          open.pop_back();
        }
        for (const auto sequence : open) barrier.cancelled(sequence);
      });
    }
  }
  EXPECT_EQ(barrier.last(), static_cast<std::uint64_t>(kThreads * kSends));
  EXPECT_EQ(barrier.resolved_up_to(), barrier.last());
  const auto failed = collector.failed();
  EXPECT_TRUE(std::ranges::all_of(failed, [](auto sequence) { return sequence % 10 == 0; }));
}

}  // namespace
}  // namespace conveyor::detail
