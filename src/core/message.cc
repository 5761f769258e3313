#include "conveyor/message.h"

#include <fmt/format.h>

#include "conveyor/consumer.h"

namespace conveyor::detail {

void throw_no_value(const Record& record) {
  const std::string where = fmt::format("{} [{}] at offset {}", record.topic, record.partition, record.offset);
  if (record.error == errc::tombstone) {
    throw Error(errc::tombstone,
                fmt::format("record {} is a tombstone and has no value; check is_tombstone() first", where));
  }
  throw DecodeError(fmt::format("record {} cannot be decoded: {}", where, record.error_text));
}

void throw_unfinished(const Record& record) {
  throw DecodeError(fmt::format("record {} [{}] at offset {} cannot be decoded: {}; call skip() to pass over it",
                                record.topic, record.partition, record.offset, record.error_text));
}

}  // namespace conveyor::detail
