#include "cli/output/bytes.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor::cli {
namespace {

TEST(IsText, IsValidUtf8WithoutControlCharactersButWhiteSpace) {
  EXPECT_TRUE(is_text(""));
  EXPECT_TRUE(is_text("{\n\t\"a\": \"è\"\r\n}"));
  EXPECT_FALSE(is_text("a\x1b"));
  EXPECT_FALSE(is_text("\x78\x9c"));
}

TEST(HexDump, ShowsOffsetBytesAndAscii) {
  EXPECT_EQ(hex_dump(""), "");
  EXPECT_EQ(hex_dump("\x78\x9cZZ"), "00000000  78 9c 5a 5a " + std::string(36, ' ') + " |x.ZZ|\n");
  const std::string two_lines = hex_dump(std::string(17, 'a'));
  EXPECT_EQ(two_lines.substr(two_lines.find('\n') + 1, 12), "00000010  61");
}

}  // namespace
}  // namespace conveyor::cli
