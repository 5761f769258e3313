#include "kafka/read_ahead.h"

#include <gtest/gtest.h>

namespace conveyor::kafka {
namespace {

constexpr int kVersion202 = 0x020002ff;
constexpr int kVersion210 = 0x020100ff;

TEST(ReadAhead, TakesOneAtATimeWhereACooperativeRebalanceWouldLoseTheOthers) {
  EXPECT_EQ(ReadAhead::most_at_once(kVersion202, true), 1U);
  EXPECT_EQ(ReadAhead::most_at_once(kVersion210 - 1, true), 1U);
}

TEST(ReadAhead, TakesManyAtATimeElsewhere) {
  EXPECT_EQ(ReadAhead::most_at_once(kVersion202, false), ReadAhead::kMostRecords);
  EXPECT_EQ(ReadAhead::most_at_once(kVersion210, true), ReadAhead::kMostRecords);
}

}  // namespace
}  // namespace conveyor::kafka
