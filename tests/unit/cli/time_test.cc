#include "cli/output/time.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace conveyor::cli {
namespace {

using namespace std::chrono_literals;

const Time kNow{1'800'000'000s};

TEST(ParseTime, TakesAgesInSecondsMinutesHoursAndDays) {
  EXPECT_EQ(parse_time("90s", kNow), kNow - 90s);
  EXPECT_EQ(parse_time("30m", kNow), kNow - 30min);
  EXPECT_EQ(parse_time("2h", kNow), kNow - 2h);
  EXPECT_EQ(parse_time("7d", kNow), kNow - 7 * 24h);
  EXPECT_EQ(parse_time("0s", kNow), kNow);
}

TEST(ParseTime, TakesIso8601InUtc) {
  const Time day{1'767'225'600s};  // 2026-01-01, as `date -u -d 2026-01-01 +%s` says
  EXPECT_EQ(parse_time("2026-01-01", kNow), day);
  EXPECT_EQ(parse_time("2026-01-01T01:02Z", kNow), day + 1h + 2min);
  EXPECT_EQ(parse_time("2026-01-01T01:02:03", kNow), day + 1h + 2min + 3s);
  EXPECT_EQ(parse_time("2026-01-01T01:02:03Z", kNow), day + 1h + 2min + 3s);
  EXPECT_EQ(parse_time("2026-01-01T01:02:03.5Z", kNow), day + 1h + 2min + 3s + 500ms);
  EXPECT_EQ(parse_time("2026-01-01T01:02:03.123456Z", kNow), day + 1h + 2min + 3s + 123ms);
  EXPECT_EQ(parse_time("2028-02-29", kNow), parse_time("2028-02-28", kNow).value() + 24h);
}

TEST(ParseTime, RefusesEverythingElse) {
  for (const char* text : {"",
                           "h",
                           "-2h",
                           "2",
                           "2w",
                           "2 h",
                           "99999999999h",
                           "yesterday",
                           "2026",
                           "2026-1-1",
                           "2026-13-01",
                           "2026-02-29",
                           "2026-01-32",
                           "2026-01-01T",
                           "2026-01-01T24:00Z",
                           "2026-01-01T01:60Z",
                           "2026-01-01T01:02:03.Z",
                           "2026-01-01T01:02Zx",
                           "2026-01-01 01:02",
                           "2026-01-01T01:02+01:00",
                           "1969-01-01",
                           "20260101",
                           "+026-01-01"}) {
    EXPECT_EQ(parse_time(text, kNow), std::nullopt) << text;
  }
}

TEST(FormatTime, IsReadBackTheSame) {
  const Time time = Time(1'767'225'600s) + 250ms;
  EXPECT_EQ(format_time(time), "2026-01-01T00:00:00.250Z");
  EXPECT_EQ(parse_time(format_time(time), kNow), time);
  EXPECT_EQ(format_time({}), "1970-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace conveyor::cli
