#include "codec/wire_codec.h"

#include <gtest/gtest.h>

#include <string>

#include "codec/raw_codec.h"
#include "codec/zlib_codec.h"

namespace conveyor::codec {
namespace {

TEST(WireCodec, IsTheOneThatTheChannelAsksFor) {
  EXPECT_EQ(&wire_codec({.codec = Codec::kRaw}), &raw_codec());
  EXPECT_EQ(&wire_codec({.codec = Codec::kRaw, .level = 9}), &raw_codec()) << "raw has no level";
  EXPECT_EQ(&wire_codec({}), &zlib_codec(1));
  EXPECT_EQ(&wire_codec({.codec = Codec::kZlib, .level = 9}), &zlib_codec(9));
  EXPECT_NE(&zlib_codec(1), &zlib_codec(9));
}

TEST(WireCodec, IsFoundByItsContentEncoding) {
  for (const Codec codec : {Codec::kRaw, Codec::kZlib}) {
    const WireCodec& of_channel = wire_codec({.codec = codec, .level = 9});
    const WireCodec* named = wire_codec_named(of_channel.content_encoding());
    ASSERT_NE(named, nullptr);
    EXPECT_EQ(named->content_encoding(), of_channel.content_encoding());
    EXPECT_EQ(named->is_identity(), of_channel.is_identity());
  }
  for (const char* unknown : {"", "br", "Deflate", "deflate ", "gzip"}) {
    EXPECT_EQ(wire_codec_named(unknown), nullptr) << unknown;
  }
}

TEST(WireCodec, EveryOneReadsWhatItWrote) {
  for (const ChannelOptions channel : {ChannelOptions{.codec = Codec::kRaw}, ChannelOptions{.codec = Codec::kZlib}}) {
    const WireCodec& codec = wire_codec(channel);
    for (const std::size_t size : {0U, 1U, 1'000U, 100'000U}) {
      const std::string message(size, 'm');
      std::string value(codec.most_bytes(size), '\0');
      value.resize(codec.encode(message, value.data(), value.size()));
      Scratch scratch;
      const Decoded decoded = codec.decode(value, size, 0, scratch);
      ASSERT_FALSE(decoded.error) << codec.content_encoding() << ' ' << size;
      EXPECT_EQ(decoded.bytes, message) << codec.content_encoding() << ' ' << size;
      if (size == 0) continue;
      EXPECT_EQ(codec.decode(value, size - 1, 0, scratch).error, DecodeError::kTooLarge) << codec.content_encoding();
    }
  }
}

}  // namespace
}  // namespace conveyor::codec
