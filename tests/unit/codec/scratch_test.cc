#include "codec/scratch.h"

#include <gtest/gtest.h>

namespace conveyor::codec {
namespace {

constexpr std::size_t kMegabyte = std::size_t{1} << 20;

TEST(Scratch, GivesTheSameMemoryAsLongAsItIsEnough) {
  Scratch scratch;
  EXPECT_EQ(scratch.capacity(), 0U);
  char* const memory = scratch.reserve(1'000);
  EXPECT_EQ(scratch.reserve(10), memory);
  EXPECT_EQ(scratch.reserve(1'000), memory);
  EXPECT_EQ(scratch.data(), memory);
  EXPECT_EQ(scratch.capacity(), 1'000U);
  static_cast<void>(scratch.reserve(1'001));
  EXPECT_EQ(scratch.capacity(), 1'001U);
}

TEST(Scratch, GivesBackOnlyWhatIsUnusuallyLarge) {
  Scratch scratch;
  char* const memory = scratch.reserve(8 * kMegabyte);
  scratch.trim();
  EXPECT_EQ(scratch.data(), memory);
  scratch.reserve(8 * kMegabyte + 1);
  scratch.trim();
  EXPECT_EQ(scratch.data(), nullptr);
  EXPECT_EQ(scratch.capacity(), 0U);
  EXPECT_NE(scratch.reserve(1), nullptr);
}

}  // namespace
}  // namespace conveyor::codec
