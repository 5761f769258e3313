#include "base/utf8.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace conveyor {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD
constexpr std::string_view kCup = "\xE2\x98\x95";          // U+2615, three bytes

std::string encoded(std::uint32_t code_point) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  const auto next = [&](int shift) { return byte(0x80 | ((code_point >> shift) & 0x3F)); };
  if (code_point < 0x80) return {byte(code_point)};
  if (code_point < 0x800) return {byte(0xC0 | code_point >> 6), next(0)};
  if (code_point < 0x10000) return {byte(0xE0 | code_point >> 12), next(6), next(0)};
  return {byte(0xF0 | code_point >> 18), next(12), next(6), next(0)};
}

TEST(Utf8, EveryCodePointButTheSurrogatesIsACharacter) {
  std::uint32_t wrong = 0;
  std::uint32_t last_wrong = 0;
  for (std::uint32_t code_point = 0; code_point <= 0x10FFFF; ++code_point) {
    const std::string bytes = encoded(code_point);
    const bool is_surrogate = code_point >= 0xD800 && code_point <= 0xDFFF;
    if (utf8_length(bytes) == (is_surrogate ? 0 : bytes.size())) continue;
    ++wrong;
    last_wrong = code_point;
  }
  EXPECT_EQ(wrong, 0U) << "the last one is " << last_wrong;
}

TEST(Utf8, TheFirstCharacterDoesNotDependOnWhatFollows) {
  EXPECT_EQ(utf8_length("abc"), 1U);
  EXPECT_EQ(utf8_length(std::string_view("\0\xFF", 2)), 1U);
  EXPECT_EQ(utf8_length("\xC3\xA9\xFF"), 2U);
  EXPECT_EQ(utf8_length("\xE2\x98\x95\xE2"), 3U);
  EXPECT_EQ(utf8_length("\xF0\x9F\x98\x80\x80"), 4U);
}

TEST(Utf8, WhatBeginsNoCharacterHasNoLength) {
  const std::string_view cases[] = {
      "\x80",
      "\xBF",  // a continuation alone
      "\xC0\x80",
      "\xC1\xBF",  // overlong: below U+0080
      "\xE0\x80\x80",
      "\xE0\x9F\xBF",  // overlong: below U+0800
      "\xF0\x80\x80\x80",
      "\xF0\x8F\xBF\xBF",  // overlong: below U+10000
      "\xED\xA0\x80",
      "\xED\xBF\xBF",  // surrogates
      "\xF4\x90\x80\x80",
      "\xF5\x80\x80\x80",  // above U+10FFFF
      "\xF8\x88\x80\x80",
      "\xFE",  // lengths that UTF-8 does not have
      "\xFF",
      "\xC3",  // cut short
      "\xE2\x98",
      "\xF0\x9F\x98",  //
      "\xC3z",
      "\xE2\x98z",  // another character instead of a continuation
      "\xE2z\x95",
      "\xF0\x9F\x98z",  //
      "\xC3\xC3",
      "\xE2\x98\xE2",
  };
  for (const std::string_view bytes : cases) EXPECT_EQ(utf8_length(bytes), 0U) << testing::PrintToString(bytes);
}

TEST(Utf8, ATextIsUtf8WhereAllOfItIs) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("plain"));
  EXPECT_TRUE(is_utf8("caff\xC3\xA8 \xE2\x98\x95 \xF0\x9F\x98\x80"));
  EXPECT_TRUE(is_utf8(std::string_view("a\0b", 3)));
  EXPECT_FALSE(is_utf8("\xFFplain"));
  EXPECT_FALSE(is_utf8("pl\xC0\x80in"));
  EXPECT_FALSE(is_utf8("plain\xE2\x98"));
}

TEST(Utf8, ACopyKeepsCharactersAndReplacesEachOtherByte) {
  EXPECT_EQ(to_utf8("", 10), "");
  EXPECT_EQ(to_utf8(kCup, 10), kCup);
  EXPECT_EQ(to_utf8("z\xFFz", 10), "z" + std::string(kReplacement) + "z");
  EXPECT_EQ(to_utf8("\xE2\x98", 10), std::string(kReplacement) + std::string(kReplacement)) << "a character cut short";
  EXPECT_EQ(to_utf8("\xE2z", 10), std::string(kReplacement) + "z") << "what follows is not swallowed";
}

TEST(Utf8, ACopyOfAnyBytesIsUtf8) {
  std::string bytes;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      bytes += static_cast<char>(first);
      bytes += static_cast<char>(second);
    }
  }
  EXPECT_FALSE(is_utf8(bytes));
  EXPECT_TRUE(is_utf8(to_utf8(bytes, bytes.size())));
}

TEST(Utf8, ACopyReadsAtMostSoManyBytes) {
  EXPECT_EQ(to_utf8("abc", 0), "");
  EXPECT_EQ(to_utf8("abc", 2), "ab");
  EXPECT_EQ(to_utf8("abc", 3), "abc");
  EXPECT_EQ(to_utf8("\xFF\xFF\xFF", 2), std::string(kReplacement) + std::string(kReplacement))
      << "a replaced byte counts as one, however long its replacement is";
}

TEST(Utf8, ACopyCutsNoCharacterInTwo) {
  const std::string text = "ab" + std::string(kCup) + "c";
  EXPECT_EQ(to_utf8(text, 3), "ab");
  EXPECT_EQ(to_utf8(text, 4), "ab");
  EXPECT_EQ(to_utf8(text, 5), "ab" + std::string(kCup));
}

TEST(Utf8, AFrontIsTheLongestThatFits) {
  const std::string text = "ab" + std::string(kCup) + "c";
  EXPECT_EQ(utf8_front(text, 0), "");
  EXPECT_EQ(utf8_front(text, 1), "a");
  EXPECT_EQ(utf8_front(text, 2), "ab");
  EXPECT_EQ(utf8_front(text, 3), "ab");
  EXPECT_EQ(utf8_front(text, 4), "ab");
  EXPECT_EQ(utf8_front(text, 5), "ab" + std::string(kCup));
  EXPECT_EQ(utf8_front(text, 6), text);
  EXPECT_EQ(utf8_front(text, 100), text);
}

TEST(Utf8, AFrontThatHasRoomForNoCharacterIsEmpty) {
  EXPECT_EQ(utf8_front(kCup, 2), "");
  EXPECT_EQ(utf8_front("", 0), "");
}

}  // namespace
}  // namespace conveyor
