#ifndef CONVEYOR_SRC_CODEC_RAW_CODEC_H_
#define CONVEYOR_SRC_CODEC_RAW_CODEC_H_

#include "codec/wire_codec.h"

namespace conveyor::codec {

/// The value is the serialised message.
[[nodiscard]] const WireCodec& raw_codec() noexcept;

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_RAW_CODEC_H_
