#include "codec/last_header.h"

#include <gtest/gtest.h>

#include <vector>

namespace conveyor::codec {
namespace {

TEST(LastHeader, IsTheOneThatCounts) {
  const std::vector<Header> headers{{"a", "1"}, {"b", "2"}, {"a", "3"}, {"A", "4"}};
  EXPECT_EQ(last_header(headers, "a"), &headers[2]);
  EXPECT_EQ(last_header(headers, "b"), &headers[1]);
  EXPECT_EQ(last_header(headers, "c"), nullptr);
  EXPECT_EQ(last_header({}, "a"), nullptr);
}

}  // namespace
}  // namespace conveyor::codec
