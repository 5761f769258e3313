#include "codec/propagation.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "codec/header_names.h"

namespace conveyor::codec {
namespace {

constexpr std::size_t kLargeMember = 128;
// Bounds the work: a header may have a megabyte.
constexpr std::size_t kMostMembersRead = 256;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Calls take(member) for each member of the headers of that name, until it returns false.
template <class Take>
void for_each_member(std::span<const Header> headers, std::string_view name, const Take& take) {
  std::size_t read = 0;
  for (const Header& header : headers) {
    if (header.name != name) continue;
    std::string_view left = header.value;
    while (!left.empty()) {
      const std::size_t comma = left.find(',');
      const std::string_view member = trimmed(left.substr(0, comma));
      left.remove_prefix(comma == std::string_view::npos ? left.size() : comma + 1);
      if (++read > kMostMembersRead) return;
      if (!member.empty() && !take(member)) return;
    }
  }
}

bool is_printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });
}

bool is_tracestate_member(std::string_view member) {
  const auto equals = member.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  const std::string_view key = member.substr(0, equals);
  const std::string_view value = member.substr(equals + 1);
  return std::ranges::all_of(key,
                             [](char c) {
                               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                      std::string_view("_-*/@").find(c) != std::string_view::npos;
                             }) &&
         value.find('=') == std::string_view::npos && value.find('\t') == std::string_view::npos && is_printable(value);
}

bool is_baggage_member(std::string_view member) {
  const auto equals = member.find('=');
  return equals != std::string_view::npos && equals != 0 && is_printable(member);
}

std::size_t joined_size(const std::vector<std::string_view>& members) {
  std::size_t size = members.empty() ? 0 : members.size() - 1;
  for (const std::string_view member : members) size += member.size();
  return size;
}

}  // namespace

std::string tracestate_of(std::span<const Header> headers) {
  std::vector<std::string_view> members;
  bool well_formed = true;
  for_each_member(headers, kTracestate, [&](std::string_view member) {
    well_formed = is_tracestate_member(member);
    if (well_formed && members.size() < kMostTracestateMembers) members.push_back(member);
    return well_formed;
  });
  if (!well_formed) return {};
  while (joined_size(members) > kLongestTracestate) {
    const auto large = std::ranges::find_if(members.rbegin(), members.rend(),
                                            [](std::string_view member) { return member.size() > kLargeMember; });
    if (large != members.rend()) {
      members.erase(std::next(large).base());
    } else {
      members.pop_back();
    }
  }
  std::string list;
  for (const std::string_view member : members) {
    if (!list.empty()) list += ',';
    list += member;
  }
  return list;
}

std::string baggage_of(std::span<const Header> headers) {
  std::string list;
  std::size_t count = 0;
  for_each_member(headers, kBaggage, [&](std::string_view member) {
    if (!is_baggage_member(member)) return true;
    const std::size_t comma = list.empty() ? 0 : 1;
    if (count == kMostBaggageMembers || list.size() + comma + member.size() > kLongestBaggage) return false;
    if (comma != 0) list += ',';
    list += member;
    ++count;
    return true;
  });
  return list;
}

}  // namespace conveyor::codec
