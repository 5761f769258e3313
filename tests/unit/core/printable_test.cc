#include "base/printable.h"

#include <gtest/gtest.h>

#include <string_view>

namespace conveyor {
namespace {

TEST(Printable, KeepsTextAndShowsTheRestInHexadecimal) {
  EXPECT_EQ(printable("caffè ☕", 100), "caffè ☕");
  EXPECT_EQ(printable("a\x1b[2J\n", 100), "a\\x1b[2J\\x0a");
  EXPECT_EQ(printable("\xc2\x9b", 100), "\\xc2\\x9b");  // C1: a terminal takes it for ESC [
  EXPECT_EQ(printable("\xff\xc0\x80\xed\xa0\x80", 100), "\\xff\\xc0\\x80\\xed\\xa0\\x80");
  EXPECT_EQ(printable(std::string_view("\0x", 2), 100), "\\x00x");
}

TEST(Printable, CutsBetweenCharacters) {
  EXPECT_EQ(printable("abcdef", 3), "abc...");
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("ab☕", 4), "ab...");
}

}  // namespace
}  // namespace conveyor
