#include "cli/output/json.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor::cli {
namespace {

TEST(JsonString, IsEscaped) { EXPECT_EQ(json_string("a\"b\\c\n\x7f☕\xff"), "\"a\\\"b\\\\c\\u000a\\u007f☕\\ufffd\""); }

}  // namespace
}  // namespace conveyor::cli
