// What a record's headers say about it, as users read it.

#include <charconv>

#include "codec/header_names.h"
#include "codec/last_header.h"
#include "codec/stamp.h"
#include "codec/trace.h"
#include "conveyor/message.h"

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
