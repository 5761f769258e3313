#include "codec/raw_codec.h"

#include <gtest/gtest.h>

#include <string>

namespace conveyor::codec {
namespace {

TEST(RawCodec, TheValueIsTheMessage) {
  EXPECT_EQ(raw_codec().content_encoding(), "identity");
  EXPECT_TRUE(raw_codec().is_identity());
  EXPECT_EQ(raw_codec().most_bytes(7), 7U);
  std::string out(7, '\0');
  EXPECT_EQ(raw_codec().encode("message", out.data(), out.size()), 7U);
  EXPECT_EQ(out, "message");
}

TEST(RawCodec, LeavesAMessageWhereItLiesAlready) {
  std::string out = "message";
  EXPECT_EQ(raw_codec().encode(out, out.data(), out.size()), 7U);
  EXPECT_EQ(out, "message");
}

TEST(RawCodec, WritesNothingIntoTooLittleRoom) {
  std::string out(7, '.');
  EXPECT_EQ(raw_codec().encode("message", out.data(), 6), 0U);
  EXPECT_EQ(out, ".......");
}

TEST(RawCodec, ReadsTheValueWhereItLies) {
  const std::string value = "anything";
  Scratch scratch;
  const Decoded decoded = raw_codec().decode(value, 8, 0, scratch);
  ASSERT_FALSE(decoded.error);
  EXPECT_EQ(decoded.bytes.data(), value.data());
  EXPECT_EQ(scratch.capacity(), 0U) << "needs no memory";
}

TEST(RawCodec, RefusesAValueAboveTheLimitAndNamesTheSetting) {
  Scratch scratch;
  const Decoded decoded = raw_codec().decode("anything", 7, 0, scratch);
  ASSERT_EQ(decoded.error, DecodeError::kTooLarge);
  EXPECT_EQ(raw_codec().describe(*decoded.error, 8, 7), "its 8 bytes exceed Config::max_message_bytes = 7");
}

}  // namespace
}  // namespace conveyor::codec
