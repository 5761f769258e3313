// libdeflate and zlib against each other: each reads what the other wrote, and what they say of made-up streams differs
// in nothing but what codec/zlib_engine.h says.
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "codec/zlib_engine.h"
#include "quality/fuzz/input.h"
#include "support/any_engine.h"

namespace {

using conveyor::codec::AnyEngine;
using conveyor::codec::InflateAttempt;
using conveyor::codec::Inflated;
using conveyor::codec::InflateError;
using conveyor::codec::Scratch;
using conveyor::codec::Wrapping;
using conveyor::fuzz::expect;

constexpr std::size_t kLimit = 1 << 18;
constexpr std::string_view kHeader = "\x78\x01";  // of a window of 32 KiB
constexpr std::size_t kChecksum = 4;

constexpr AnyEngine of_libdeflate = conveyor::codec::LibdeflateEngine{};
constexpr AnyEngine of_zlib = conveyor::codec::ZlibEngine{};

/// What RFC 1951 does not allow and libdeflate does not mind, in zlib's words.
bool breaks_rfc_1951(std::string_view stream) {
  constexpr std::array<std::string_view, 5> kBreaches = {"invalid literal/length code", "invalid distance code",
                                                         "too many length or distance symbols",
                                                         "invalid code lengths set", "invalid bit length repeat"};
  static std::string out(kLimit, '\0');
  z_stream z = {};
  expect(inflateInit(&z) == Z_OK, "zlib has memory");
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(stream.data()));
  z.avail_in = static_cast<uInt>(stream.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = static_cast<uInt>(out.size());
  inflate(&z, Z_FINISH);
  const std::string_view says = z.msg != nullptr ? z.msg : "";
  inflateEnd(&z);
  if (std::find(kBreaches.begin(), kBreaches.end(), says) != kBreaches.end()) return true;
  std::fprintf(stderr, "zlib says: %s\n", std::string(says).c_str());
  return false;
}

/// Both engines on a stream that nobody vouches for.
void compare(std::string_view stream, std::size_t limit) {
  static Scratch scratch_of_libdeflate;
  static Scratch scratch_of_zlib;
  const Inflated by_libdeflate = inflate_by(of_libdeflate, stream, limit, 0, scratch_of_libdeflate);
  const Inflated by_zlib = inflate_by(of_zlib, stream, limit, 0, scratch_of_zlib);
  expect(scratch_of_libdeflate.capacity() <= kLimit && scratch_of_zlib.capacity() <= kLimit,
         "memory is bounded by the limit");
  const bool read = !by_libdeflate.error || by_libdeflate.error == InflateError::kTrailing;
  if (!by_zlib.error) {
    expect(!by_libdeflate.error, "libdeflate reads what zlib reads");
    expect(by_libdeflate.bytes == by_zlib.bytes, "both read the same bytes");
  } else if (by_zlib.error == InflateError::kTrailing) {
    expect(by_libdeflate.error == InflateError::kTrailing, "both find trailing bytes");
  } else if (by_zlib.error == InflateError::kTooLarge) {
    expect(!read, "libdeflate refuses what is too large");
  } else if (read) {
    expect(breaks_rfc_1951(stream), "libdeflate reads more only where a stream breaks RFC 1951");
  }
}

/// The zlib stream of a deflate stream, with the checksum of what comes out of it: what nobody vouches for would else
/// never be read to its end.
std::optional<std::string> wrapped(std::string_view raw) {
  static std::string out(kLimit, '\0');
  auto attempt = of_libdeflate.inflate(Wrapping::kNone, raw, out.data(), out.size());
  if (attempt.end != InflateAttempt::End::kWhole)
    attempt = of_zlib.inflate(Wrapping::kNone, raw, out.data(), out.size());
  if (attempt.end != InflateAttempt::End::kWhole) return {};
  const std::uint32_t sum = libdeflate_adler32(1, out.data(), attempt.size);
  std::string stream(kHeader);
  stream += raw.substr(0, attempt.used);
  for (const int shift : {24, 16, 8, 0}) stream += static_cast<char>(sum >> shift);
  return stream;
}

std::string deflated(const AnyEngine& engine, std::string_view bytes, int level) {
  std::string stream(engine.deflate_bound(bytes.size()), '\0');
  stream.resize(engine.deflate(bytes, level, stream.data(), stream.size()));
  expect(!stream.empty(), "the bound is enough");
  return stream;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  conveyor::fuzz::Input input(data, size);
  const int settings = input.byte();
  const AnyEngine& writer = settings % 2 == 0 ? of_libdeflate : of_zlib;
  const int level = 1 + settings / 2 % 12;
  const std::size_t small = static_cast<std::size_t>(input.byte()) * 4;
  const std::array<int, 3> flipped = {input.word(), input.word(), input.word()};
  const std::string_view bytes = input.rest();

  const std::string stream = deflated(writer, bytes, level);
  static Scratch scratch;
  for (const AnyEngine* reader : {&of_libdeflate, &of_zlib}) {
    const Inflated read = inflate_by(*reader, stream, bytes.size(), 0, scratch);
    expect(!read.error && read.bytes == bytes, "each reads what the other writes");
    if (bytes.empty()) continue;
    expect(inflate_by(*reader, stream, bytes.size() - 1, 0, scratch).error == InflateError::kTooLarge,
           "both stop at the same byte");
  }

  const auto compare_wrapped = [&](std::string_view raw) {
    const auto made_up = wrapped(raw);
    if (!made_up) return;
    compare(*made_up, kLimit);
    compare(*made_up, small);
  };
  compare(bytes, kLimit);
  compare_wrapped(bytes);
  std::string damaged = stream.substr(kHeader.size(), stream.size() - kHeader.size() - kChecksum);
  for (const int bit : flipped) {
    const std::size_t at = static_cast<std::size_t>(bit) % (damaged.size() * 8);
    damaged[at / 8] = static_cast<char>(damaged[at / 8] ^ 1 << at % 8);
    compare_wrapped(damaged);
  }
  return 0;
}
