#include "transactions/transactional_id.h"

#include <fmt/format.h>

namespace conveyor::worker {
namespace {

// Replaces '~' and the characters that end a part of the id by '~' and their hexadecimal code.
std::string escaped(std::string_view text, std::string_view ends) {
  std::string escaped;
  for (const char c : text) {
    if (c == '~' || ends.find(c) != std::string_view::npos) {
      escaped += fmt::format("~{:02x}", static_cast<unsigned char>(c));
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace

std::string transactional_id(std::string_view topic_prefix, std::string_view group, std::string_view instance) {
  std::string id = topic_prefix.empty() ? std::string() : escaped(topic_prefix, {}) + "~/";
  return id + escaped(group, {}) + "-" + escaped(instance, "-");
}

}  // namespace conveyor::worker
