#ifndef CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_RECORD_H_
#define CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_RECORD_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "conveyor/dead_letters.h"
#include "conveyor/message.h"

namespace conveyor::detail {

/// Why a record is not a dead letter.
struct Foreign {
  std::string why = {};
};

/// What the headers say that worker::dead_letter_headers wrote. Only the origin's topic, partition and offset are
/// required; the bytes come from outside, and what else cannot be read is left out.
/// @param value none: a tombstone
[[nodiscard]] std::variant<DeadLetter, Foreign> dead_letter_of(Record record, std::optional<std::string_view> value);

/// What can be said before its headers are read: time, partition, offset.
[[nodiscard]] bool lies_where_wanted(const DeadLetterFilter& filter, const Record& record);
/// The rest: origin and stage.
[[nodiscard]] bool wanted(const DeadLetterFilter& filter, const DeadLetter& letter);

/// "orders-dlt/0/17"
[[nodiscard]] std::string position_of(const DeadLetter& letter);

/// The headers of the record that is sent again.
[[nodiscard]] std::vector<Header> replay_headers(const DeadLetter& letter);

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_RECORD_H_
