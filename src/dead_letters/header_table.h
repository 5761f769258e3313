#ifndef CONVEYOR_SRC_DEAD_LETTERS_HEADER_TABLE_H_
#define CONVEYOR_SRC_DEAD_LETTERS_HEADER_TABLE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "codec/header_names.h"

namespace conveyor::detail {

/// What a header of a dead letter, or of a replayed one, says.
enum class DeadLetterField {
  kTopic,
  kPartition,
  kOffset,
  kStage,
  kAttempts,
  kTimestamp,
  kGroup,
  kService,
  kError,
  kReplayedFrom,
};

enum class HeaderWriter {
  kWorker,  ///< when it gives a record up
  kReplay,  ///< when it sends a dead letter to the topic that the record came from
};

struct DeadLetterHeader {
  DeadLetterField field = {};
  std::string_view name = {};
  HeaderWriter writer = {};
  std::string_view meaning = {};  ///< of the value; docs/wire.md says the same, which a test checks
};

/// Begins the name of every header that a worker writes.
inline constexpr std::string_view kDeadLetterPrefix = "conveyor-dlt-";

/// All headers, in the order in which they are written: writer, reader and docs/wire.md go by this table. Where the
/// topic takes no larger record, the worker leaves headers out from the end, those that identify the record never.
inline constexpr auto kDeadLetterHeaders = [] {
  using enum DeadLetterField;
  using enum HeaderWriter;
  return std::to_array<DeadLetterHeader>({
      {kTopic, "conveyor-dlt-topic", kWorker, "the topic of the record that failed, with its prefix"},
      {kPartition, "conveyor-dlt-partition", kWorker, "its partition"},
      {kOffset, "conveyor-dlt-offset", kWorker, "its offset"},
      {kStage, "conveyor-dlt-stage", kWorker, "where it failed: `decode`, `handler` or `crash`"},
      {kAttempts, "conveyor-dlt-attempts", kWorker, "how often it was handled"},
      {kTimestamp, "conveyor-dlt-timestamp", kWorker, "its timestamp, in milliseconds since 1970"},
      {kGroup, "conveyor-dlt-group", kWorker, "the consumer group of the worker"},
      {kService, "conveyor-dlt-service", kWorker, "`Config::service` of the worker"},
      {kError, "conveyor-dlt-error", kWorker, "what went wrong, up to 1024 bytes"},
      {kReplayedFrom, codec::kReplayedFrom, kReplay, "where the dead letter lay: `orders-dlt/0/17`"},
  });
}();

/// Whether a header identifies the record that failed: no dead letter is without it.
[[nodiscard]] constexpr bool identifies_record(DeadLetterField field) noexcept {
  return field <= DeadLetterField::kOffset;
}

[[nodiscard]] constexpr std::string_view name_of(DeadLetterField field) noexcept {
  return kDeadLetterHeaders[static_cast<std::size_t>(field)].name;
}

/// @return nothing for names that are not in the table
[[nodiscard]] constexpr std::optional<DeadLetterField> dead_letter_field(std::string_view name) noexcept {
  for (const DeadLetterHeader& header : kDeadLetterHeaders) {
    if (header.name == name) return header.field;
  }
  return {};
}

// What the functions above, the writer and the reader take for granted. The error is the worker's last header.
static_assert(std::ranges::all_of(kDeadLetterHeaders, [](const DeadLetterHeader& header) {
  const bool of_worker = header.field <= DeadLetterField::kError;
  return name_of(header.field) == header.name && dead_letter_field(header.name) == header.field &&
         of_worker == (header.writer == HeaderWriter::kWorker) &&
         of_worker == header.name.starts_with(kDeadLetterPrefix);
}));

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_HEADER_TABLE_H_
