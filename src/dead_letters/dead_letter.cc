#include "dead_letters/dead_letter.h"

#include <algorithm>

#include "base/utf8.h"

namespace conveyor::worker {
namespace {

constexpr std::size_t kLongestError = 1'024;
constexpr std::size_t kLongestName = 256;

// Exceptions say what they like; readers of a header want text.
std::string text_of(std::string_view bytes, std::size_t longest) {
  std::string text = to_utf8(bytes, longest);
  text.resize(utf8_front(text, longest).size());
  return text;
}

Header ours(std::string_view name, std::string value) {
  return {std::string(kDeadLetterPrefix) + std::string(name), std::move(value)};
}

std::size_t bytes_of(std::span<const Header> headers) {
  std::size_t bytes = 0;
  for (const Header& header : headers) bytes += header.name.size() + 1 + header.value.size();
  return bytes;
}

}  // namespace

std::string_view name_of(Stage stage) noexcept {
  switch (stage) {
    case Stage::kDecode:
      return "decode";
    case Stage::kHandler:
      return "handler";
    case Stage::kCrash:
      return "crash";
  }
  return "unknown";
}

std::vector<Header> dead_letter_headers(std::span<const Header> original, const Obituary& obituary,
                                        std::size_t largest) {
  std::vector<Header> headers;
  for (const Header& header : original) {
    if (!header.name.starts_with(kDeadLetterPrefix)) headers.push_back(header);
  }
  std::vector<Header> mine{
      ours("topic", std::string(obituary.topic)),
      ours("partition", std::to_string(obituary.partition)),
      ours("offset", std::to_string(obituary.offset)),
      ours("stage", std::string(name_of(obituary.stage))),
      ours("attempts", std::to_string(obituary.attempts)),
      ours("timestamp", std::to_string(obituary.timestamp_ms)),
      ours("group", text_of(obituary.group, kLongestName)),
      ours("service", text_of(obituary.service, kLongestName)),
      ours("error", text_of(obituary.error, kLongestError)),
  };
  // From the back: the error first gives up its length, then the least telling headers go.
  constexpr std::size_t kIndispensable = 3;
  if (const std::size_t bytes = bytes_of(mine); bytes > largest) {
    std::string& error = mine.back().value;
    error.resize(utf8_front(error, error.size() - std::min(error.size(), bytes - largest)).size());
  }
  while (mine.size() > kIndispensable && bytes_of(mine) > largest) mine.pop_back();
  headers.insert(headers.end(), std::make_move_iterator(mine.begin()), std::make_move_iterator(mine.end()));
  return headers;
}

}  // namespace conveyor::worker
