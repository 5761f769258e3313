#include "codec/zlib.h"

#include <algorithm>

#include "codec/zlib_engine.h"

namespace conveyor::codec {
namespace {

// CONVEYOR_ZLIB_ENGINE: libdeflate_engine or zlib_engine.
const ZlibEngine& engine_of_this_build() noexcept { return CONVEYOR_ZLIB_ENGINE(); }

struct Grown {
  ZlibEngine::Attempt attempt;
  Inflated inflated;
};

Grown inflate_growing(const ZlibEngine& engine, Wrapping wrapping, std::string_view stream, std::size_t limit,
                      std::size_t expected, Scratch& scratch) {
  const std::size_t possible =
      stream.size() > limit / kLargestRatio ? limit : std::min(limit, stream.size() * kLargestRatio);
  // Memory that is there costs nothing, and holds what the last messages needed.
  std::size_t room = std::max({expected != 0 ? expected : stream.size() * 4, scratch.capacity(), kSmallestRoom});
  room = std::min(room, possible);
  while (true) {
    char* out = scratch.reserve(std::max<std::size_t>(room, 1));
    const auto attempt = engine.inflate(wrapping, stream, out, room);
    switch (attempt.end) {
      case ZlibEngine::End::kWhole:
        return {attempt, {.bytes = {out, attempt.size}}};
      case ZlibEngine::End::kCorrupt:
        return {attempt, {.error = InflateError::kCorrupt}};
      case ZlibEngine::End::kNoRoom:
        break;
    }
    if (room >= possible) {
      return {attempt, {.error = possible == limit ? InflateError::kTooLarge : InflateError::kCorrupt}};
    }
    room = room > possible / 2 ? possible : room * 2;
  }
}

}  // namespace

Inflated inflate_by(const ZlibEngine& engine, std::string_view stream, std::size_t limit, std::size_t expected,
                    Scratch& scratch) {
  const auto [attempt, inflated] = inflate_growing(engine, Wrapping::kZlib, stream, limit, expected, scratch);
  if (!inflated.error && attempt.used != stream.size()) return {.error = InflateError::kTrailing};
  return inflated;
}

std::size_t deflate_bound(std::size_t size, int) { return engine_of_this_build().deflate_bound(size); }

std::size_t deflate(std::string_view bytes, int level, char* out, std::size_t room) {
  return engine_of_this_build().deflate(bytes, level, out, room);
}

Inflated inflate(std::string_view stream, std::size_t limit, std::size_t expected, Scratch& scratch) {
  return inflate_by(engine_of_this_build(), stream, limit, expected, scratch);
}

Inflated inflate_raw(std::string_view stream, std::size_t limit, Scratch& scratch) {
  return inflate_growing(engine_of_this_build(), Wrapping::kNone, stream, limit, 0, scratch).inflated;
}

}  // namespace conveyor::codec
