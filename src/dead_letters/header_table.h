#ifndef CONVEYOR_SRC_DEAD_LETTERS_HEADER_TABLE_H_
#define CONVEYOR_SRC_DEAD_LETTERS_HEADER_TABLE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "codec/header_names.h"

namespace conveyor::detail {

/// The headers of dead letters and of replayed records.
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
  kWorker,  ///< writes it when it gives up on a record
  kReplay,  ///< writes it when it sends a dead letter to the topic that the record came from
};

struct DeadLetterHeader {
  DeadLetterField field = {};
  std::string_view name = {};
  HeaderWriter writer = {};
  std::string_view meaning = {};  ///< of the value; a test checks that docs/wire.md says the same
};

/// The prefix of every header that a worker writes.
inline constexpr std::string_view kDeadLetterPrefix = "conveyor-dlt-";

/// All headers, in the order in which they are written. The writer, the reader and docs/wire.md follow this table. If
/// the topic refuses a larger record, the worker leaves headers out from the end, but never those that identify the
/// record.
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

/// Whether a header identifies the record that failed. Every dead letter has these headers.
[[nodiscard]] constexpr bool identifies_record(DeadLetterField field) noexcept {
  return field <= DeadLetterField::kOffset;
}

[[nodiscard]] constexpr std::string_view name_of(DeadLetterField field) noexcept {
  return kDeadLetterHeaders[static_cast<std::size_t>(field)].name;
}

/// @return nullopt for names that are not in the table
[[nodiscard]] constexpr std::optional<DeadLetterField> dead_letter_field(std::string_view name) noexcept {
  for (const DeadLetterHeader& header : kDeadLetterHeaders) {
    if (header.name == name) return header.field;
  }
  return {};
}

// The functions above, the writer and the reader rely on this. The writer also relies on the error being the worker's
// last header, because it cuts that one first.
static_assert(std::ranges::all_of(kDeadLetterHeaders, [](const DeadLetterHeader& header) {
  const bool of_worker = header.field <= DeadLetterField::kError;
  return name_of(header.field) == header.name && dead_letter_field(header.name) == header.field &&
         of_worker == (header.writer == HeaderWriter::kWorker) &&
         of_worker == header.name.starts_with(kDeadLetterPrefix);
}));

}  // namespace conveyor::detail

#endif  // CONVEYOR_SRC_DEAD_LETTERS_HEADER_TABLE_H_
