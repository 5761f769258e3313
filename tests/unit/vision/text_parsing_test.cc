#include "vision/text_parsing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace conveyor::vision {
namespace {

TEST(TextParsing, NamesBeginWithALetter) {
  EXPECT_TRUE(is_name("letterbox"));
  EXPECT_TRUE(is_name("Step_2"));
  EXPECT_FALSE(is_name(""));
  EXPECT_FALSE(is_name("2_step"));
  EXPECT_FALSE(is_name("_step"));
  EXPECT_FALSE(is_name("a-b"));
  EXPECT_FALSE(is_name("\xC3\xA4"));
}

TEST(TextParsing, TrimsBlanksAtBothEndsOnly) {
  EXPECT_EQ(trim(" \ta b\r\n"), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(TextParsing, SplitsAtEachSeparator) {
  const auto parts = [](std::string_view text) {
    std::vector<std::string> found;
    split(text, ',', [&](std::string_view part) { found.emplace_back(part); });
    return found;
  };
  EXPECT_EQ(parts("1,2.5,,3"), (std::vector<std::string>{"1", "2.5", "", "3"}));
  EXPECT_EQ(parts("1,"), (std::vector<std::string>{"1", ""}));
  EXPECT_EQ(parts(""), (std::vector<std::string>{""})) << "one part, which is empty";
}

}  // namespace
}  // namespace conveyor::vision
