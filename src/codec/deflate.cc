#include "codec/deflate.h"

#include "codec/zlib_engine.h"

namespace conveyor::codec {
namespace {

// CONVEYOR_ZLIB_ENGINE, which CMake defines: LibdeflateEngine or ZlibEngine.
constexpr CONVEYOR_ZLIB_ENGINE kEngine;

}  // namespace

std::size_t deflate_bound(std::size_t size, int) { return kEngine.deflate_bound(size); }

std::size_t deflate(std::string_view bytes, int level, char* out, std::size_t room) {
  return kEngine.deflate(bytes, level, out, room);
}

Inflated inflate(std::string_view stream, std::size_t limit, std::size_t expected, Scratch& scratch) {
  return inflate_by(kEngine, stream, limit, expected, scratch);
}

Inflated inflate_raw(std::string_view stream, std::size_t limit, Scratch& scratch) {
  return inflate_growing(kEngine, Wrapping::kNone, stream, limit, 0, scratch).inflated;
}

}  // namespace conveyor::codec
