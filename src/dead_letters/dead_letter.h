#ifndef CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_H_
#define CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "codec/header_names.h"
#include "conveyor/message.h"

namespace conveyor::worker {

/// At which stage a record failed.
enum class Stage { kDecode, kHandler, kCrash };
[[nodiscard]] std::string_view name_of(Stage stage) noexcept;

/// Why a record goes to the dead letters.
struct Obituary {
  std::string_view topic = {};  ///< with its prefix
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::int64_t timestamp_ms = 0;
  std::string_view group = {};
  Stage stage = Stage::kHandler;
  std::string_view error = {};
  int attempts = 0;
  std::string_view service = {};
};

/// Names of the headers that a dead letter gets; all values are text in UTF-8.
inline constexpr std::string_view kDeadLetterPrefix = codec::kDeadLetterPrefix;

/// The headers of a dead letter: those the record came with, unchanged and in their order, then ours. Those of an
/// earlier life as a dead letter are replaced, so that they do not grow with each replay.
/// @param largest ours together take at most so many bytes; the error's text is cut first, then the rest left out but
///                topic, partition and offset
[[nodiscard]] std::vector<Header> dead_letter_headers(std::span<const Header> original, const Obituary& obituary,
                                                      std::size_t largest);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_H_
