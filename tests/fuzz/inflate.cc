// A zlib stream.
#include "codec/zlib.h"
#include "fuzz/input.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 1 << 20;
  const conveyor::fuzz::Input input(data, size);
  static conveyor::codec::Scratch scratch;
  static conveyor::codec::Scratch packed;
  static conveyor::codec::Scratch unpacked;
  using conveyor::codec::inflate;
  const auto inflated = inflate(input.rest(), kLimit, scratch);
  conveyor::fuzz::expect(scratch.capacity() <= kLimit, "memory is bounded by the limit");
  if (!inflated.error) {
    const auto stream = conveyor::codec::deflate(inflated.bytes, 1, packed);
    const auto again = inflate(stream, kLimit, unpacked);
    conveyor::fuzz::expect(!again.error && again.bytes == inflated.bytes, "inflating undoes deflating");
  }
  // Every input, deflated, comes back.
  const auto back = inflate(conveyor::codec::deflate(input.rest(), 1, packed), kLimit, unpacked);
  conveyor::fuzz::expect(!back.error && back.bytes == input.rest(), "inflating undoes deflating");
  return 0;
}
