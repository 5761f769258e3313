#include "conveyor/message.h"

#include <fmt/format.h>

#include <charconv>

#include "codec/encode.h"
#include "codec/trace.h"
#include "conveyor/consumer.h"

namespace conveyor::detail {
namespace {

std::string_view header_value(const Record& record, std::string_view name) {
  const Header* header = codec::last_header(record.headers, name);
  return header != nullptr ? std::string_view(header->value) : std::string_view();
}

Environment environment_named(std::string_view name) {
  for (const auto environment : {Environment::kProduction, Environment::kDevelopment, Environment::kStaging}) {
    if (name == codec::name_of(environment)) return environment;
  }
  return Environment::kUnknown;
}

}  // namespace

void throw_no_value(const Record& record) {
  const std::string where = fmt::format("{} [{}] at offset {}", record.topic, record.partition, record.offset);
  if (record.error == errc::tombstone) {
    throw Error(errc::tombstone,
                fmt::format("record {} is a tombstone: it has no value; ask is_tombstone() first", where));
  }
  throw DecodeError(fmt::format("record {} cannot be decoded: {}", where, record.error_text));
}

void throw_unfinished(const Record& record) {
  throw DecodeError(fmt::format("record {} [{}] at offset {} cannot be decoded: {}; call skip() to pass over it",
                                record.topic, record.partition, record.offset, record.error_text));
}

MetadataView metadata_of(const Record& record) {
  MetadataView view{.environment = environment_named(header_value(record, codec::kEnvironment)),
                    .sending_service = header_value(record, codec::kService),
                    .uuid = header_value(record, codec::kUuid),
                    .iso_date = header_value(record, codec::kDate),
                    .offset = record.offset,
                    .partition = record.partition};
  const std::string_view timestamp = header_value(record, codec::kTimestamp);
  std::from_chars(timestamp.data(), timestamp.data() + timestamp.size(), view.timestamp);
  const std::string_view traceparent = header_value(record, codec::kTraceparent);
  if (codec::parse_traceparent(traceparent)) view.trace_id = traceparent.substr(3, 32);
  return view;
}

}  // namespace conveyor::detail
