#include "cli/commands/where.h"

#include <gtest/gtest.h>

namespace conveyor::cli {
namespace {

TEST(Where, IsATopicAPartitionAnOffsetOrSomeOffsets) {
  const auto topic = parse_where("orders-dlt");
  ASSERT_TRUE(topic);
  EXPECT_EQ(topic->topic, "orders-dlt");
  EXPECT_FALSE(topic->partition);

  const auto partition = parse_where("orders-dlt/3");
  ASSERT_TRUE(partition);
  EXPECT_EQ(partition->partition, 3);
  EXPECT_FALSE(partition->first);

  const auto offset = parse_where("orders-dlt/3/17");
  ASSERT_TRUE(offset);
  EXPECT_EQ(offset->first, 17);
  EXPECT_EQ(offset->last, 17);

  const auto range = parse_where("orders-dlt/0/17..9223372036854775807");
  ASSERT_TRUE(range);
  EXPECT_EQ(range->topic, "orders-dlt");
  EXPECT_EQ(range->partition, 0);
  EXPECT_EQ(range->first, 17);
  EXPECT_EQ(range->last, 9'223'372'036'854'775'807);
}

TEST(Where, IsNothingElse) {
  for (const char* text : {"", "/", "/0", "orders/", "orders/x", "orders/-1", "orders/0x", "orders/2147483648",
                           "orders/0/", "orders/0/-0", "orders/0/x", "orders/0/1/2", "orders/0/1..", "orders/0/..2",
                           "orders/0/2..1", "orders/0/1..2..3", "orders/0/9223372036854775808"}) {
    EXPECT_FALSE(parse_where(text)) << text;
  }
}

TEST(Where, ReadsAPlaceAsItIsWritten) {
  const auto where = parse_where(place("orders", 2, 40));
  ASSERT_TRUE(where);
  EXPECT_EQ(where->topic, "orders");
  EXPECT_EQ(where->partition, 2);
  EXPECT_EQ(where->first, 40);
}

}  // namespace
}  // namespace conveyor::cli
