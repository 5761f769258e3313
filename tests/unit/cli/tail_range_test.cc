#include "cli/commands/tail_range.h"

#include <gtest/gtest.h>

#include <chrono>

namespace conveyor::cli {
namespace {

using namespace std::chrono_literals;

constexpr kafka::LogRange kLog{.begin = 10, .end = 100};

TEST(ParsePosition, ReadsEveryForm) {
  const Time now = std::chrono::sys_days(std::chrono::year{2026} / 1 / 31) + 12h;
  EXPECT_EQ(parse_position("earliest", now), Position(Earliest{}));
  EXPECT_EQ(parse_position("latest", now), Position(Latest{}));
  EXPECT_EQ(parse_position("17", now), Position(AtOffset{17}));
  EXPECT_EQ(parse_position("-17", now), Position(BeforeEnd{17}));
  EXPECT_EQ(parse_position("2h", now), Position(now - 2h));
  EXPECT_EQ(parse_position("2026-01-31", now), Position(now - 12h));
  for (const char* wrong : {"", "-", "--1", "yesterday", "1.5", "-1h", "99999999999999999999"}) {
    EXPECT_FALSE(parse_position(wrong, now).has_value()) << wrong;
  }
}

TEST(BeginOf, StaysWithinTheLog) {
  EXPECT_EQ(begin_of(Earliest{}, kLog, 0), 10);
  EXPECT_EQ(begin_of(Latest{}, kLog, 0), 100);
  EXPECT_EQ(begin_of(AtOffset{50}, kLog, 0), 50);
  EXPECT_EQ(begin_of(AtOffset{5}, kLog, 0), 10);
  EXPECT_EQ(begin_of(AtOffset{500}, kLog, 0), 100);
  EXPECT_EQ(begin_of(BeforeEnd{3}, kLog, 0), 97);
  EXPECT_EQ(begin_of(BeforeEnd{300}, kLog, 0), 10);
  EXPECT_EQ(begin_of(Time(), kLog, 42), 42);
}

TEST(EndOf, IncludesAnOffsetAndExcludesATime) {
  EXPECT_EQ(end_of(Latest{}, kLog, 0), 100);
  EXPECT_EQ(end_of(AtOffset{50}, kLog, 0), 51);
  EXPECT_EQ(end_of(AtOffset{500}, kLog, 0), 100);
  EXPECT_EQ(end_of(BeforeEnd{3}, kLog, 0), 97);
  EXPECT_EQ(end_of(Time(), kLog, 42), 42);
}

}  // namespace
}  // namespace conveyor::cli
