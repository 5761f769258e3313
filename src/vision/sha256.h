#ifndef CONVEYOR_SRC_VISION_SHA256_H_
#define CONVEYOR_SRC_VISION_SHA256_H_

#include <string>
#include <string_view>

namespace conveyor::vision {

/// SHA-256 (FIPS 180-4) of bytes, as 64 lower-case hex digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_SHA256_H_
