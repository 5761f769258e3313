#include "support/time_text.h"

#include <gtest/gtest.h>

namespace support {
namespace {

TEST(TimeText, IsRfc3339InUtc) {
  EXPECT_EQ(time_text(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(time_text(1'764'410'400'250'999), "2025-11-29T10:00:00.250Z");
  EXPECT_EQ(time_text(951'782'399'000'000), "2000-02-28T23:59:59.000Z");
  EXPECT_EQ(time_text(-1), "1969-12-31T23:59:59.999Z");
}

TEST(TimeText, ReadsWhatItWritesAndWhatFormsOfBrowsersSend) {
  EXPECT_EQ(parse_time("2025-11-29T10:00:00.250Z"), 1'764'410'400'250'000);
  EXPECT_EQ(parse_time("2025-11-29T10:00:00.2509999Z"), 1'764'410'400'250'999);
  EXPECT_EQ(parse_time("2025-11-29T10:00:00Z"), 1'764'410'400'000'000);
  EXPECT_EQ(parse_time("2025-11-29T10:00"), 1'764'410'400'000'000);
  EXPECT_EQ(parse_time("2024-02-29 00:00:00"), 1'709'164'800'000'000);
}

TEST(TimeText, TakesNothingElse) {
  for (const char* text : {"", "yesterday", "2025-11-29", "2025-13-01T00:00Z", "2025-02-29T00:00Z", "2025-11-29T24:00Z",
                           "2025-11-29T10:60Z", "2025-11-29T10:00:00.Z", "2025-11-29T10:00:00+01:00",
                           "2025-11-29T10:00x", "-025-11-29T10:00Z", "2025-11-29T1:00Z"}) {
    EXPECT_EQ(parse_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace support
