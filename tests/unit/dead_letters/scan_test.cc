#include "dead_letters/scan.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace conveyor::detail {
namespace {

std::string text_of(const std::vector<kafka::OffsetRange>& ranges) {
  std::string text;
  for (const auto& range : ranges) {
    text += std::to_string(range.partition) + ": " + std::to_string(range.begin) + " to " + std::to_string(range.end);
    text += "; ";
  }
  return text;
}

const std::vector<kafka::OffsetRange> kAll{{0, 10, 20}, {1, 0, 5}, {2, 7, 7}};

TEST(RangesToScan, AreAllThatLiesThereWithoutEmptyPartitions) {
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {}, {})), "0: 10 to 20; 1: 0 to 5; ");
}

TEST(RangesToScan, BeginWhereTheGroupStopped) {
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {{0, 15}}, {})), "0: 15 to 20; 1: 0 to 5; ");
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {{0, 20}, {1, 5}}, {})), "");
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {{0, 3}}, {})), "0: 10 to 20; 1: 0 to 5; ") << "what was there is deleted";
}

TEST(RangesToScan, HaveTheOffsetsOfTheFilterFromTheFirstToTheLast) {
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {}, {.first_offset = 12, .last_offset = 14})), "0: 12 to 15; ");
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {}, {.first_offset = 19, .last_offset = 19})), "0: 19 to 20; ");
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {}, {.first_offset = 20})), "");
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {}, {.last_offset = 4})), "1: 0 to 5; ");
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {{0, 13}}, {.first_offset = 12, .last_offset = 14})), "0: 13 to 15; ");
}

TEST(RangesToScan, AreThoseOfThePartitionOfTheFilter) {
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {}, {.partition = 1})), "1: 0 to 5; ");
  EXPECT_EQ(text_of(ranges_to_scan(kAll, {}, {.partition = 2})), "");
}

}  // namespace
}  // namespace conveyor::detail
