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

/// Reads the headers that worker::dead_letter_headers wrote. They come from outside: without those that identify the
/// record that failed it is no dead letter; any other that is missing or has no valid value leaves the default.
/// @param value none: a tombstone
[[nodiscard]] std::variant<DeadLetter, Foreign> dead_letter_of(Record record, std::optional<std::string_view> value);

/// Whether the filter wants what lies there: its time, partition and offset are known before its headers are read.
[[nodiscard]] bool lies_where_wanted(const DeadLetterFilter& filter, const Record& record);
/// Whether the filter wants the origin and the stage, which are known once its headers are read.
[[nodiscard]] bool wanted(const DeadLetterFilter& filter, const DeadLetter& letter);

/// Where it lies: "orders-dlt/0/17".
[[nodiscard]] std::string position_of(const DeadLetter& letter);

/// The headers of the record that a replay sends: those that it first had, and where the dead letter lies.
[[nodiscard]] std::vector<Header> replay_headers(const DeadLetter& letter);

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_DEAD_LETTER_READER_H_
