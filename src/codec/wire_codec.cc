#include "codec/wire_codec.h"

#include "codec/raw_codec.h"
#include "codec/zlib_codec.h"

namespace conveyor::codec {

const WireCodec& wire_codec(const ChannelOptions& channel) noexcept {
  if (channel.codec == Codec::kRaw) return raw_codec();
  return zlib_codec(channel.level);
}

const WireCodec* wire_codec_named(std::string_view content_encoding) noexcept {
  for (const Codec codec : {Codec::kZlib, Codec::kRaw}) {
    const WireCodec& known = wire_codec({.codec = codec});
    if (known.content_encoding() == content_encoding) return &known;
  }
  return nullptr;
}

}  // namespace conveyor::codec
