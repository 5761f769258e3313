#include "codec/zlib.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace conveyor::codec {
namespace {

std::string deflated(std::string_view bytes, int level = 1) {
  Scratch scratch;
  return std::string(deflate(bytes, level, scratch));
}

std::string random_text(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 8);
  return text;
}

TEST(Zlib, GivesBackWhatWasCompressedAtEveryLevel) {
  Scratch scratch;
  for (int level = 1; level <= 12; ++level) {
    for (const std::size_t size : {0U, 1U, 100U, 5'000U, 100'000U}) {
      const std::string text = random_text(size, 7);
      const auto result = inflate(deflated(text, level), 1 << 20, scratch);
      ASSERT_FALSE(result.error) << level << ' ' << size;
      EXPECT_EQ(result.bytes, text);
    }
  }
}

TEST(Zlib, WritesAZlibHeader) {
  const std::string stream = deflated("hello");
  EXPECT_EQ(static_cast<unsigned char>(stream[0]) & 0x0f, 8);  // RFC 1950: method deflate
  EXPECT_EQ((static_cast<unsigned char>(stream[0]) * 256 + static_cast<unsigned char>(stream[1])) % 31, 0);
}

TEST(Zlib, RefusesEveryTruncation) {
  Scratch scratch;
  const std::string stream = deflated(random_text(2'000, 1));
  for (std::size_t size = 0; size < stream.size(); ++size) {
    EXPECT_EQ(inflate(std::string_view(stream).substr(0, size), 1 << 20, scratch).error, InflateError::kCorrupt)
        << size;
  }
}

TEST(Zlib, RefusesAChangedByteAnywhere) {
  const std::string text = random_text(300, 2);
  const std::string stream = deflated(text);
  Scratch scratch;
  for (std::size_t at = 0; at < stream.size(); ++at) {
    std::string changed = stream;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    const auto result = inflate(changed, 1 << 20, scratch);
    EXPECT_TRUE(result.error || result.bytes == text) << at;  // a few header bits do not matter
  }
}

TEST(Zlib, RefusesTrailingBytes) {
  Scratch scratch;
  EXPECT_EQ(inflate(deflated("hello") + "x", 1 << 20, scratch).error, InflateError::kTrailing);
}

TEST(Zlib, StopsAtTheLimitToTheByte) {
  Scratch scratch;
  const std::string stream = deflated(std::string(1'000, 'x'));
  EXPECT_FALSE(inflate(stream, 1'000, scratch).error);
  EXPECT_EQ(inflate(stream, 999, scratch).error, InflateError::kTooLarge);
}

TEST(Zlib, DoesNotAllocateMoreThanTheLimitForABomb) {
  const std::string bomb = deflated(std::string(std::size_t{64} << 20, '\0'), 9);
  ASSERT_LT(bomb.size(), 70'000U);
  Scratch scratch;
  EXPECT_EQ(inflate(bomb, std::size_t{1} << 20, scratch).error, InflateError::kTooLarge);
  EXPECT_LE(scratch.capacity(), std::size_t{1} << 20);
}

TEST(Zlib, AllocatesInProportionToASmallInput) {
  Scratch scratch;
  EXPECT_TRUE(inflate("not zlib", std::size_t{64} << 20, scratch).error);
  EXPECT_LE(scratch.capacity(), 1032U * 8);
}

TEST(Scratch, GivesBackAnUnusuallyLargePiece) {
  Scratch scratch;
  scratch.reserve(std::size_t{1} << 20);
  scratch.trim();
  EXPECT_EQ(scratch.capacity(), std::size_t{1} << 20);
  scratch.reserve(std::size_t{9} << 20);
  scratch.trim();
  EXPECT_EQ(scratch.capacity(), 0U);
}

}  // namespace
}  // namespace conveyor::codec
