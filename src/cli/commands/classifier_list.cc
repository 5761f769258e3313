#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "cli/commands/classifier.h"

namespace conveyor::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 done, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor classifier list";

ExitCode list() {
  const auto entries = all_classifiers().entries();
  std::size_t width = 0;
  for (const auto& entry : entries) width = std::max(width, entry.name.size());
  for (const auto& entry : entries) fmt::print("{:{}}  {}\n", entry.name, width, entry.usage);
  return kOk;
}

}  // namespace

void add_classifier_list(CLI::App& classifier, Run& run) {
  CLI::App* command = classifier.add_subcommand("list", "List the classifiers that SPEC may name.");
  command->footer(kFooter);
  command->callback([&run] { run = [] { return list(); }; });
}

}  // namespace conveyor::cli
