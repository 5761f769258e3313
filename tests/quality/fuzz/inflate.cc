// A zlib stream.
#include "codec/deflate.h"
#include "quality/fuzz/input.h"

namespace {

using conveyor::codec::Scratch;

std::string_view deflated(std::string_view bytes, Scratch& packed) {
  const std::size_t bound = conveyor::codec::deflate_bound(bytes.size(), 1);
  char* out = packed.reserve(bound);
  return {out, conveyor::codec::deflate(bytes, 1, out, bound)};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kLimit = 1 << 20;
  const conveyor::fuzz::Input input(data, size);
  static Scratch scratch;
  static Scratch packed;
  static Scratch unpacked;
  using conveyor::codec::inflate;
  const auto inflated = inflate(input.rest(), kLimit, 0, scratch);
  conveyor::fuzz::expect(scratch.capacity() <= kLimit, "memory is bounded by the limit");
  if (!inflated.error) {
    const auto again = inflate(deflated(inflated.bytes, packed), kLimit, inflated.bytes.size(), unpacked);
    conveyor::fuzz::expect(!again.error && again.bytes == inflated.bytes, "inflating undoes deflating");
  }
  // Every input, deflated, comes back.
  const auto back = inflate(deflated(input.rest(), packed), kLimit, 0, unpacked);
  conveyor::fuzz::expect(!back.error && back.bytes == input.rest(), "inflating undoes deflating");

  // Whatever its sender says of its size.
  const std::size_t said = size == 0 ? 0 : static_cast<std::size_t>(data[size - 1]) << 13;
  Scratch fresh;
  const auto again = inflate(input.rest(), kLimit, said, fresh);
  conveyor::fuzz::expect(fresh.capacity() <= kLimit, "memory is bounded by the limit, whatever was said");
  conveyor::fuzz::expect(again.error == inflated.error && again.bytes == inflated.bytes,
                         "what was said changes nothing");
  return 0;
}
