#include "cli/commands/dead_letters.h"

#include <fmt/format.h>

#include <cstdio>

#include "base/printable.h"
#include "cli/commands/where.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kLongestText = 4'096;

constexpr const char* kFooter =
    "A dead letter is named as `list` shows it: TOPIC/PARTITION/OFFSET, with the dead-letter topic's name\n"
    "as the brokers have it. Times are UTC. The brokers are those of CONVEYOR_BOOTSTRAP_SERVERS; all\n"
    "CONVEYOR_ variables are read.\n"
    "\n"
    "Exit codes: 0 done, 1 failed or interrupted; standard error says why, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters list orders-dlt --since 2h\n"
    "  conveyor dead-letters show orders-dlt/0/17\n"
    "  conveyor dead-letters replay orders-dlt --stage handler --dry-run\n"
    "  conveyor dead-letters replay --help";

}  // namespace

std::string place_of(const DeadLetter& letter) { return place(letter.topic, letter.partition, letter.offset); }

std::string origin_of(const DeadLetter& letter) {
  return place(letter.origin.topic, letter.origin.partition, letter.origin.offset);
}

void report_problems(const std::string& topic, const std::vector<DeadLetterProblem>& problems, std::uint64_t all) {
  for (const auto& problem : problems) {
    fmt::print(stderr, "conveyor: {}: {}\n", place(topic, problem.partition, problem.offset),
               printable(problem.text, kLongestText));
  }
  if (all > problems.size()) fmt::print(stderr, "conveyor: {}: and {} more\n", topic, all - problems.size());
}

ExitCode interrupted() {
  fmt::print(stderr, "conveyor: interrupted before the end\n");
  return kFailed;
}

void add_dead_letters(CLI::App& app, Run& run) {
  CLI::App* command =
      app.add_subcommand("dead-letters", "Show the records that could not be handled, or send them again.");
  command->require_subcommand(1);
  command->footer(kFooter);
  add_dead_letters_list(*command, run);
  add_dead_letters_show(*command, run);
  add_dead_letters_replay(*command, run);
}

}  // namespace conveyor::cli
