#ifndef CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_WRITER_H_
#define CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/dead_letters.h"
#include "conveyor/message.h"

namespace conveyor::worker {

/// Why a record goes to the dead letters.
struct DeadLetterInfo {
  std::string_view topic = {};  ///< with its prefix
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::int64_t timestamp_ms = 0;
  std::string_view group = {};
  DeadLetterStage stage = DeadLetterStage::kHandler;
  std::string_view error = {};
  int attempts = 0;
  std::string_view service = {};
};

/// How many bytes the headers of ours may take. The record itself is as large as it was, so where a topic refuses the dead
/// letter as too large, it is sent once more with the few that identify the record.
inline constexpr std::size_t kDeadLetterHeaderBytes = 4'096;
inline constexpr std::size_t kSmallDeadLetterHeaderBytes = 0;

/// The headers of a dead letter: those of the record, unchanged and in their order, then ours, of which
/// dead_letters/header_table.h has a table. A dead letter that failed again gets new ones in place of its old ones.
/// @param largest ours take at most so many bytes together: first the error's text is cut, then headers are left out
///                from the end. What identifies the record stays, and may take more.
[[nodiscard]] std::vector<Header> dead_letter_headers(std::span<const Header> original, const DeadLetterInfo& info,
                                                      std::size_t largest);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_WRITER_H_
