#include "codec/zlib_codec.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/deflate.h"

namespace conveyor::codec {
namespace {

std::string encoded(const WireCodec& codec, std::string_view message) {
  std::string value(codec.most_bytes(message.size()), '\0');
  value.resize(codec.encode(message, value.data(), value.size()));
  return value;
}

std::string why(std::string_view value, std::size_t limit) {
  Scratch scratch;
  const Decoded decoded = zlib_codec(1).decode(value, limit, 0, scratch);
  return decoded.error ? zlib_codec(1).describe(*decoded.error, value.size(), limit) : "(nothing)";
}

TEST(ZlibCodec, TheValueIsAZlibStreamOfItsLevel) {
  std::string text;
  for (int i = 0; i < 3'000; ++i) text += std::to_string(i * i);
  for (int level = 1; level <= 12; ++level) {
    const WireCodec& codec = zlib_codec(level);
    EXPECT_EQ(codec.content_encoding(), "deflate");
    EXPECT_FALSE(codec.is_identity());
    std::string stream(deflate_bound(text.size(), level), '\0');
    stream.resize(deflate(text, level, stream.data(), stream.size()));
    EXPECT_EQ(encoded(codec, text), stream) << level;
  }
  EXPECT_LT(encoded(zlib_codec(9), text).size(), encoded(zlib_codec(1), text).size());
}

TEST(ZlibCodec, ReadsWhatAnyLevelWrote) {
  Scratch scratch;
  for (int level = 1; level <= 12; ++level) {
    const std::string value = encoded(zlib_codec(level), "a message, a message, a message");
    EXPECT_EQ(zlib_codec(1).decode(value, 1'000, 0, scratch).bytes, "a message, a message, a message") << level;
  }
}

TEST(ZlibCodec, AnEmptyMessageHasAValue) {
  const std::string value = encoded(zlib_codec(1), "");
  EXPECT_FALSE(value.empty());
  Scratch scratch;
  const Decoded decoded = zlib_codec(1).decode(value, 0, 0, scratch);
  EXPECT_FALSE(decoded.error);
  EXPECT_EQ(decoded.bytes, "");
}

TEST(ZlibCodec, SaysWhatIsWrongAndNamesTheSetting) {
  const std::string value = encoded(zlib_codec(1), std::string(1'000, 'x'));
  EXPECT_EQ(why(value, 1'000), "(nothing)");
  EXPECT_EQ(why(value, 999), "it inflates to more than Config::max_message_bytes = 999; raise that if it is meant to");
  EXPECT_EQ(why(value + "x", 1'000), "bytes follow the end of its zlib stream");
  EXPECT_EQ(why("not zlib", 1'000), "its 8 bytes are not a whole zlib stream (truncated, corrupt, or not compressed)");
  EXPECT_EQ(why(value.substr(0, value.size() - 1), 1'000),
            "its " + std::to_string(value.size() - 1) +
                " bytes are not a whole zlib stream (truncated, corrupt, or not compressed)");
}

TEST(ZlibCodec, UsesWhatTheSenderSaidAsAHintOnly) {
  const std::string message(300'000, 'x');
  const std::string value = encoded(zlib_codec(1), message);
  for (const std::size_t said : {std::size_t{1}, message.size(), std::size_t{1} << 40}) {
    Scratch scratch;
    const Decoded decoded = zlib_codec(1).decode(value, message.size(), said, scratch);
    ASSERT_FALSE(decoded.error) << said;
    EXPECT_EQ(decoded.bytes, message) << said;
    EXPECT_LE(scratch.capacity(), message.size()) << said;
  }
}

}  // namespace
}  // namespace conveyor::codec
