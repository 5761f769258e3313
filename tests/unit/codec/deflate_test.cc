#include "codec/deflate.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "codec/zlib_engine.h"

namespace conveyor::codec {
namespace {

std::string deflated(std::string_view bytes, int level = 1) {
  std::string stream(deflate_bound(bytes.size(), level), '\0');
  stream.resize(deflate(bytes, level, stream.data(), stream.size()));
  return stream;
}

std::string random_text(std::size_t size, unsigned seed) {
  std::mt19937 random{seed};
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>('a' + random() % 8);
  return text;
}

/// What a zlib stream has around its deflate stream.
std::string_view unwrapped(std::string_view stream) { return stream.substr(2, stream.size() - 6); }

/// Inflates everything to `size` bytes, and keeps the room that it is given each time.
class SizeEngine {
 public:
  explicit SizeEngine(std::size_t size) : size_(size) {}

  static std::size_t deflate_bound(std::size_t) noexcept { return 0; }
  static std::size_t deflate(std::string_view, int, char*, std::size_t) { return 0; }
  InflateAttempt inflate(Wrapping, std::string_view bytes, char*, std::size_t room) const {
    rooms.push_back(room);
    if (room < size_) return {.end = InflateAttempt::End::kNoRoom};
    return {.end = InflateAttempt::End::kWhole, .used = bytes.size(), .size = size_};
  }

  mutable std::vector<std::size_t> rooms = {};

 private:
  std::size_t size_;
};

constexpr std::size_t kKilobyte = 1024;
constexpr std::size_t kMegabyte = 1024 * kKilobyte;

TEST(Zlib, GivesBackWhatWasCompressedAtEveryLevel) {
  Scratch scratch;
  for (int level = 1; level <= 12; ++level) {
    for (const std::size_t size : {0U, 1U, 100U, 5'000U, 100'000U}) {
      const std::string text = random_text(size, 7);
      const auto result = inflate(deflated(text, level), kMegabyte, 0, scratch);
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

TEST(Zlib, WritesNothingBeyondItsRoom) {
  const std::string text = random_text(1'000, 3);
  const std::string whole = deflated(text);
  std::string room(whole.size(), '\0');
  EXPECT_EQ(deflate(text, 1, room.data(), room.size() - 1), 0U);
  EXPECT_EQ(room.back(), '\0');
}

TEST(Zlib, RefusesEveryTruncation) {
  Scratch scratch;
  const std::string stream = deflated(random_text(2'000, 1));
  for (std::size_t size = 0; size < stream.size(); ++size) {
    EXPECT_EQ(inflate(std::string_view(stream).substr(0, size), kMegabyte, 0, scratch).error, InflateError::kCorrupt)
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
    const auto result = inflate(changed, kMegabyte, 0, scratch);
    EXPECT_TRUE(result.error || result.bytes == text) << at;  // a few header bits do not matter
  }
}

TEST(Zlib, RefusesTrailingBytes) {
  Scratch scratch;
  EXPECT_EQ(inflate(deflated("hello") + "x", kMegabyte, 0, scratch).error, InflateError::kTrailing);
}

TEST(Zlib, StopsAtTheLimitToTheByte) {
  Scratch scratch;
  const std::string stream = deflated(std::string(1'000, 'x'));
  EXPECT_FALSE(inflate(stream, 1'000, 0, scratch).error);
  EXPECT_EQ(inflate(stream, 999, 0, scratch).error, InflateError::kTooLarge);
}

TEST(Zlib, DoesNotAllocateMoreThanTheLimitForABomb) {
  const std::string bomb = deflated(std::string(64 * kMegabyte, '\0'), 9);
  ASSERT_LT(bomb.size(), 70'000U);
  Scratch scratch;
  EXPECT_EQ(inflate(bomb, kMegabyte, 64 * kMegabyte, scratch).error, InflateError::kTooLarge);
  EXPECT_LE(scratch.capacity(), kMegabyte);
}

TEST(Zlib, AllocatesInProportionToASmallInputWhateverItsSenderSaid) {
  Scratch scratch;
  EXPECT_TRUE(inflate("not zlib", 64 * kMegabyte, 0, scratch).error);
  EXPECT_TRUE(inflate("not zlib", 64 * kMegabyte, 64 * kMegabyte, scratch).error);
  EXPECT_LE(scratch.capacity(), kLargestRatio * 8);
}

TEST(Zlib, ReadsAStreamWhoseSenderSaidAnotherSize) {
  const std::string text(300'000, 'x');
  const std::string stream = deflated(text);
  for (const std::size_t said : {std::size_t{1}, text.size() - 1, text.size() + 1, kMegabyte, SIZE_MAX}) {
    Scratch scratch;
    const auto result = inflate(stream, kMegabyte, said, scratch);
    ASSERT_FALSE(result.error) << said;
    EXPECT_EQ(result.bytes, text) << said;
  }
}

TEST(Zlib, InflatesOnceWhatIsNotAboveTheSmallestRoom) {
  const SizeEngine engine(kSmallestRoom);
  Scratch scratch;
  EXPECT_EQ(inflate_by(engine, std::string(100, 'z'), kMegabyte, 0, scratch).bytes.size(), kSmallestRoom);
  EXPECT_EQ(engine.rooms, std::vector{kSmallestRoom});
}

TEST(Zlib, InflatesOnceWhatIsOfTheSizeThatItsSenderSaid) {
  const SizeEngine engine(900 * kKilobyte);
  Scratch scratch;
  EXPECT_FALSE(inflate_by(engine, std::string(2'000, 'z'), 2 * kMegabyte, 900 * kKilobyte, scratch).error);
  EXPECT_EQ(engine.rooms, std::vector{900 * kKilobyte});
}

TEST(Zlib, InflatesInAllTheMemoryThatIsThere) {
  const SizeEngine engine(kMegabyte);
  Scratch scratch;
  scratch.reserve(2 * kMegabyte);
  EXPECT_FALSE(inflate_by(engine, std::string(3'000, 'z'), 4 * kMegabyte, 0, scratch).error);
  EXPECT_EQ(engine.rooms, std::vector{2 * kMegabyte});
}

TEST(Zlib, DoublesTheRoomUpToTheLimit) {
  const SizeEngine engine(301 * kKilobyte);
  Scratch scratch;
  EXPECT_EQ(inflate_by(engine, std::string(2'000, 'z'), 300 * kKilobyte, 0, scratch).error, InflateError::kTooLarge);
  const std::vector rooms = {64 * kKilobyte, 128 * kKilobyte, 256 * kKilobyte, 300 * kKilobyte};
  EXPECT_EQ(engine.rooms, rooms);
}

TEST(InflateRaw, ReadsAStreamAndLeavesWhatFollows) {
  const std::string text = random_text(200'000, 4);
  const std::string stream = deflated(text);
  Scratch scratch;
  const auto result = inflate_raw(std::string(unwrapped(stream)) + '\0', kMegabyte, scratch);
  ASSERT_FALSE(result.error);
  EXPECT_EQ(result.bytes, text);
}

TEST(InflateRaw, RefusesWhatIsTruncatedOrTooLarge) {
  const std::string text = random_text(2'000, 5);
  const std::string stream = deflated(text);
  Scratch scratch;
  EXPECT_FALSE(inflate_raw(unwrapped(stream), text.size(), scratch).error);
  EXPECT_EQ(inflate_raw(unwrapped(stream), text.size() - 1, scratch).error, InflateError::kTooLarge);
  EXPECT_EQ(inflate_raw(unwrapped(stream).substr(0, 500), kMegabyte, scratch).error, InflateError::kCorrupt);
  EXPECT_EQ(inflate_raw({}, kMegabyte, scratch).error, InflateError::kCorrupt);
}

TEST(Scratch, GivesBackAnUnusuallyLargePiece) {
  Scratch scratch;
  scratch.reserve(kMegabyte);
  scratch.trim();
  EXPECT_EQ(scratch.capacity(), kMegabyte);
  scratch.reserve(9 * kMegabyte);
  scratch.trim();
  EXPECT_EQ(scratch.capacity(), 0U);
}

}  // namespace
}  // namespace conveyor::codec
