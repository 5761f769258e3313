#ifndef CONVEYOR_TESTS_SUPPORT_ANY_ENGINE_H_
#define CONVEYOR_TESTS_SUPPORT_ANY_ENGINE_H_

#include <cstddef>
#include <string_view>

#include "codec/zlib_engine.h"

namespace conveyor::codec {

/// One of several engines, chosen at run time: what a build of the library cannot do, and a comparison must.
struct AnyEngine {
  template <DeflateEngine Engine>
  constexpr AnyEngine(const Engine&) noexcept  // NOLINT(google-explicit-constructor)
      : deflate_bound(&Engine::deflate_bound), deflate(&Engine::deflate), inflate(&Engine::inflate) {}

  std::size_t (*deflate_bound)(std::size_t size) noexcept;
  std::size_t (*deflate)(std::string_view bytes, int level, char* out, std::size_t room);
  InflateAttempt (*inflate)(Wrapping wrapping, std::string_view bytes, char* out, std::size_t room);
};

}  // namespace conveyor::codec

#endif  // CONVEYOR_TESTS_SUPPORT_ANY_ENGINE_H_
