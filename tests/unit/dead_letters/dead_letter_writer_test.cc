#include "dead_letters/dead_letter_writer.h"

#include <gtest/gtest.h>

#include <string>

#include "base/utf8.h"

namespace conveyor::worker {
namespace {

const DeadLetterInfo kInfo{.topic = "orders",
                           .partition = 3,
                           .offset = 42,
                           .timestamp_ms = 1'767'323'045'678,
                           .group = "billing",
                           .stage = DeadLetterStage::kDecode,
                           .error = "not a whole zlib stream",
                           .attempts = 1,
                           .service = "biller"};

std::string value_of(const std::vector<Header>& headers, std::string_view name) {
  for (const Header& header : headers) {
    if (header.name == name) return header.value;
  }
  return "(none)";
}

TEST(DeadLetterHeaders, SayWhereTheRecordCameFromAndWhyItFailed) {
  const auto headers = dead_letter_headers({}, kInfo, 4'096);
  EXPECT_EQ(value_of(headers, "conveyor-dlt-topic"), "orders");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-partition"), "3");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-offset"), "42");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-timestamp"), "1767323045678");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-group"), "billing");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-stage"), "decode");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-error"), "not a whole zlib stream");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-attempts"), "1");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-service"), "biller");
}

TEST(DeadLetterHeaders, KeepTheRecordsOwnInTheirOrderAndReplaceThoseOfAnEarlierLife) {
  const std::vector<Header> original{{"a", "1"},
                                     {"conveyor-dlt-offset", "7"},
                                     {"a", "2"},
                                     {"conveyor-dlt-other", "x"},
                                     {"binary", std::string("\0\1", 2)}};
  const auto headers = dead_letter_headers(original, kInfo, 4'096);
  ASSERT_EQ(headers.size(), 3U + 9U);
  EXPECT_EQ(headers[0].value, "1");
  EXPECT_EQ(headers[1].value, "2");
  EXPECT_EQ(headers[2].value, std::string("\0\1", 2));
  EXPECT_EQ(value_of(headers, "conveyor-dlt-offset"), "42");
  EXPECT_EQ(value_of(headers, "conveyor-dlt-other"), "(none)");
}

TEST(DeadLetterHeaders, CutALongErrorAndThenLeaveOutAllButTheOrigin) {
  DeadLetterInfo long_one = kInfo;
  const std::string error(10'000, 'e');
  long_one.error = error;
  EXPECT_EQ(value_of(dead_letter_headers({}, long_one, 4'096), "conveyor-dlt-error").size(), 1'024U);
  const auto shorter = dead_letter_headers({}, long_one, 600);
  EXPECT_LT(value_of(shorter, "conveyor-dlt-error").size(), 600U);
  EXPECT_EQ(value_of(shorter, "conveyor-dlt-service"), "biller");
  const auto smallest = dead_letter_headers({}, long_one, 0);
  ASSERT_EQ(smallest.size(), 3U);
  EXPECT_EQ(value_of(smallest, "conveyor-dlt-offset"), "42");
}

TEST(DeadLetterHeaders, AreTextHoweverTheErrorIsCut) {
  std::string accents;
  for (int i = 0; i < 700; ++i) accents += "\xc3\xa9";
  DeadLetterInfo info = kInfo;
  info.error = accents;
  for (const std::size_t largest : {4'096U, 1'001U, 1'002U, 601U, 602U, 301U, 302U}) {
    for (const Header& header : dead_letter_headers({}, info, largest)) {
      EXPECT_TRUE(is_utf8(header.value)) << header.name << " " << largest;
      EXPECT_LE(header.value.size(), 1'024U);
    }
  }
  EXPECT_EQ(value_of(dead_letter_headers({}, info, 4'096), "conveyor-dlt-error").size(), 1'024U);
  const std::string shifted = "a" + accents;  // the limit lies within a character
  info.error = shifted;
  EXPECT_EQ(value_of(dead_letter_headers({}, info, 4'096), "conveyor-dlt-error").size(), 1'023U);

  const std::string latin1(2'000, '\xe9');
  info.error = latin1;
  info.group = latin1;
  info.service = latin1;
  for (const Header& header : dead_letter_headers({}, info, 4'096)) {
    EXPECT_TRUE(is_utf8(header.value)) << header.name;
    EXPECT_LE(header.value.size(), 1'024U);
  }
  info.error = "caf\xe9";
  EXPECT_EQ(value_of(dead_letter_headers({}, info, 4'096), "conveyor-dlt-error"), "caf\xef\xbf\xbd");
}

TEST(DeadLetterHeaders, KeepAHeaderWithoutAValueOne) {
  const auto headers = dead_letter_headers(std::vector<Header>{{"note", "", true}, {"empty", ""}}, kInfo, 4'096);
  EXPECT_TRUE(headers[0].is_null);
  EXPECT_FALSE(headers[1].is_null);
}

}  // namespace
}  // namespace conveyor::worker
