#include "dead_letters/dead_letter_writer.h"

#include <algorithm>

#include "base/utf8.h"
#include "dead_letters/header_table.h"

namespace conveyor::worker {
namespace {

using detail::DeadLetterField;

constexpr std::size_t kLongestError = 1'024;
constexpr std::size_t kLongestName = 256;

constexpr auto kIdentifying = static_cast<std::size_t>(
    std::ranges::count_if(detail::kDeadLetterHeaders, detail::identifies_record, &detail::DeadLetterHeader::field));

// The header is text, but the message of an exception may be any bytes.
std::string text_of(std::string_view bytes, std::size_t longest) {
  std::string text = to_utf8(bytes, longest);
  text.resize(utf8_front(text, longest).size());
  return text;
}

std::string value_of(DeadLetterField field, const DeadLetterInfo& info) {
  switch (field) {
    case DeadLetterField::kTopic:
      return std::string(info.topic);
    case DeadLetterField::kPartition:
      return std::to_string(info.partition);
    case DeadLetterField::kOffset:
      return std::to_string(info.offset);
    case DeadLetterField::kStage:
      return std::string(name_of(info.stage));
    case DeadLetterField::kAttempts:
      return std::to_string(info.attempts);
    case DeadLetterField::kTimestamp:
      return std::to_string(info.timestamp_ms);
    case DeadLetterField::kGroup:
      return text_of(info.group, kLongestName);
    case DeadLetterField::kService:
      return text_of(info.service, kLongestName);
    case DeadLetterField::kError:
      return text_of(info.error, kLongestError);
    case DeadLetterField::kReplayedFrom:
      break;  // a replay writes it, not a worker
  }
  return {};
}

std::size_t bytes_of(std::span<const Header> headers) {
  std::size_t bytes = 0;
  for (const Header& header : headers) bytes += header.name.size() + 1 + header.value.size();
  return bytes;
}

}  // namespace

std::vector<Header> dead_letter_headers(std::span<const Header> original, const DeadLetterInfo& info,
                                        std::size_t largest) {
  std::vector<Header> headers;
  for (const Header& header : original) {
    if (!header.name.starts_with(detail::kDeadLetterPrefix)) headers.push_back(header);
  }
  std::vector<Header> ours;
  for (const auto& [field, name, writer, meaning] : detail::kDeadLetterHeaders) {
    if (writer == detail::HeaderWriter::kWorker) ours.push_back({std::string(name), value_of(field, info)});
  }
  if (const std::size_t bytes = bytes_of(ours); bytes > largest) {
    std::string& error = ours.back().value;
    error.resize(utf8_front(error, error.size() - std::min(error.size(), bytes - largest)).size());
  }
  while (ours.size() > kIdentifying && bytes_of(ours) > largest) ours.pop_back();
  headers.insert(headers.end(), std::make_move_iterator(ours.begin()), std::make_move_iterator(ours.end()));
  return headers;
}

}  // namespace conveyor::worker
