#ifndef CONVEYOR_SRC_CODEC_ZLIB_CODEC_H_
#define CONVEYOR_SRC_CODEC_ZLIB_CODEC_H_

#include "codec/wire_codec.h"

namespace conveyor::codec {

/// The value is one zlib stream (RFC 1950) of the serialised message. Every level's codec reads what any level wrote.
/// @param level 1 to 12, as a channel has it
[[nodiscard]] const WireCodec& zlib_codec(int level) noexcept;

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_ZLIB_CODEC_H_
