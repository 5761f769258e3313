#ifndef CONVEYOR_SRC_VISION_SHA256_H_
#define CONVEYOR_SRC_VISION_SHA256_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace conveyor::vision {

/// Computes the SHA-256 (FIPS 180-4) of bytes that come in pieces.
class Sha256 {
 public:
  void add(std::string_view bytes);
  /// The digest of all that was added, as 64 lower-case hex digits.
  [[nodiscard]] std::string hex() const;

 private:
  std::array<std::uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::string rest_;  // less than a block
  std::uint64_t size_ = 0;
};

/// The digest of bytes in one piece.
[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace conveyor::vision

#endif  // CONVEYOR_SRC_VISION_SHA256_H_
