#ifndef CONVEYOR_SRC_CODEC_LAST_HEADER_H_
#define CONVEYOR_SRC_CODEC_LAST_HEADER_H_

#include <algorithm>
#include <span>
#include <string_view>

#include "conveyor/message.h"

namespace conveyor::codec {

/// The last header of that name, which is the one that counts where a name comes twice; null: there is none.
[[nodiscard]] inline const Header* last_header(std::span<const Header> headers, std::string_view name) noexcept {
  const auto found =
      std::find_if(headers.rbegin(), headers.rend(), [&](const Header& one) { return one.name == name; });
  return found == headers.rend() ? nullptr : &*found;
}

}  // namespace conveyor::codec

#endif  // CONVEYOR_SRC_CODEC_LAST_HEADER_H_
