#include "support/latency_histogram.h"

#include <gtest/gtest.h>

namespace support {
namespace {

using namespace std::chrono_literals;

TEST(LatencyHistogram, IsEmptyAtFirst) {
  EXPECT_EQ(LatencyHistogram().count(), 0);
  EXPECT_EQ(LatencyHistogram().quantile_ms(0.5), 0);
}

TEST(LatencyHistogram, GivesTheUpperEndOfTheStepOfTheNearestRank) {
  LatencyHistogram times;
  for (int i = 0; i < 100; ++i) times.add(std::chrono::milliseconds(i));
  EXPECT_EQ(times.quantile_ms(0.5), 50);
  EXPECT_EQ(times.quantile_ms(0.99), 99);
  EXPECT_EQ(times.quantile_ms(1), 100);
  EXPECT_EQ(times.quantile_ms(0), 1);
}

TEST(LatencyHistogram, CountsWhatIsOutOfItsStepsInTheFirstAndTheLast) {
  LatencyHistogram times;
  times.add(-5s);  // the clock was set back
  EXPECT_EQ(times.quantile_ms(1), 1);
  times.add(1h);
  EXPECT_EQ(times.quantile_ms(1), 10'001);
  EXPECT_EQ(times.count(), 2);
}

}  // namespace
}  // namespace support
