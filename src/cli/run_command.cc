#include "cli/run_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/edit_distance.h"
#include "cli/connection.h"

namespace conveyor::cli {
namespace {

// CLI11 reports an unknown word only as a missing subcommand. This prints a better message.
// @return whether the word is an unknown command
bool is_unknown_command(const CLI::App& app, std::string_view word) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands({})) names.push_back(command->get_name());
  if (word.starts_with('-') || std::ranges::find(names, word) != names.end()) return false;
  fmt::print(stderr, "{}: unknown command {}; did you mean {}? The commands are {}.\n", app.get_name(), word,
             closest(word, names), fmt::join(names, ", "));
  return true;
}

// Fails when the output could not be written, for example because the disk is full.
bool is_written() {
  errno = 0;
  std::cout.flush();
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout.good()) return true;
  fmt::print(stderr, "conveyor: writing to standard output failed{}{}\n", errno != 0 ? ": " : "",
             errno != 0 ? std::strerror(errno) : "");
  return false;
}

}  // namespace

int run_command(CLI::App& app, const Run& run, int argc, const char* const* argv) {
  if (argc > 1 && is_unknown_command(app, argv[1])) return kUsage;
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (app.exit(error) != 0) return kUsage;
    return is_written() ? kOk : kFailed;  // help or version was asked for
  }
  try {
    const ExitCode code = run();
    return is_written() ? code : kFailed;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "conveyor: %s\n", with_options_named(error.what()).c_str());
    return kFailed;
  }
}

}  // namespace conveyor::cli
