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

/// How many bytes Conveyor's own headers may take. A topic may refuse the dead letter as too large, since it is larger
/// than the record was. The worker then sends it once more with only the headers that identify the record.
inline constexpr std::size_t kDeadLetterHeaderBytes = 4'096;
inline constexpr std::size_t kSmallDeadLetterHeaderBytes = 0;

/// The headers of a dead letter: first the record's own, unchanged and in their order, then Conveyor's, which
/// dead_letters/header_table.h lists. If a dead letter fails again, new headers replace its old ones.
/// @param largest the limit for Conveyor's headers together, in bytes. To meet it, the error's text is cut first, then
///                headers are left out from the end. Those that identify the record always stay, and may exceed it.
[[nodiscard]] std::vector<Header> dead_letter_headers(std::span<const Header> original, const DeadLetterInfo& info,
                                                      std::size_t largest);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_WRITER_H_
