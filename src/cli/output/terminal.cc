#include "cli/output/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace conveyor::cli {
namespace {

// SGR codes of ECMA-48, those that every terminal knows.
std::string_view code_of(Style style) {
  switch (style) {
    case Style::kBold:
      return "1";
    case Style::kDim:
      return "2";
    case Style::kGood:
      return "32";
    case Style::kWarning:
      return "33";
    case Style::kBad:
      return "31";
    case Style::kPlain:
      break;
  }
  return "";
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

}  // namespace

bool is_terminal() { return isatty(STDOUT_FILENO) == 1; }

bool shows_colours() { return is_terminal() && environment("NO_COLOR").empty() && environment("TERM") != "dumb"; }

std::string styled(std::string_view text, Style style) {
  const std::string_view code = code_of(style);
  return code.empty() ? std::string(text) : fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

}  // namespace conveyor::cli
