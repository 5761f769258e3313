#ifndef CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_READER_H_
#define CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_READER_H_

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

/// Reads the headers that worker::dead_letter_headers wrote. Anybody can write to the topic, so do not trust them. A
/// record without valid headers that identify the failed record is no dead letter. Any other header that is missing or
/// invalid leaves the default.
/// @param value none: a tombstone
[[nodiscard]] std::variant<DeadLetter, Foreign> dead_letter_of(Record record, std::optional<std::string_view> value);

/// Whether the filter wants a record of this time, partition and offset. These are known before the headers are read.
[[nodiscard]] bool lies_where_wanted(const DeadLetterFilter& filter, const Record& record);
/// Whether the filter wants this origin and stage. These are known only after the headers are read.
[[nodiscard]] bool wanted(const DeadLetterFilter& filter, const DeadLetter& letter);

/// The dead letter's topic, partition and offset: "orders-dlt/0/17".
[[nodiscard]] std::string position_of(const DeadLetter& letter);

/// The headers of the record that a replay sends: its original headers, and the position of the dead letter.
[[nodiscard]] std::vector<Header> replay_headers(const DeadLetter& letter);

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_READER_H_
