#include "cli/output/json.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

namespace conveyor::cli {
namespace {

TEST(JsonString, IsEscaped) { EXPECT_EQ(json_string("a\"b\\c\n\x7f☕\xff"), "\"a\\\"b\\\\c\\u000a\\u007f☕\\ufffd\""); }

TEST(JsonObject, HasItsFieldsInTheirOrder) {
  JsonObject object;
  EXPECT_EQ(object.text(), "{}");
  object.add("text", "a\"b").add("number", std::int64_t{-7}).add("yes", true).add("none", std::optional<int>());
  object.add("some", std::optional(3)).add_json("list", "[1]");
  EXPECT_EQ(object.text(), R"({"text":"a\"b","number":-7,"yes":true,"none":null,"some":3,"list":[1]})");
}

}  // namespace
}  // namespace conveyor::cli
