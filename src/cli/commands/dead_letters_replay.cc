#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands/dead_letter_selection.h"
#include "cli/commands/dead_letters.h"
#include "cli/commands/where.h"
#include "cli/connection.h"
#include "codec/header_names.h"
#include "conveyor/stop.h"

namespace conveyor::cli {
namespace {

constexpr auto kProgressEvery = std::chrono::seconds(2);

// {}: the header's name.
constexpr const char* kFooter =
    "Sends each dead letter once, with its original key, value and headers, to the topic and partition\n"
    "that it came from, with the header {}. Every consumer group of that topic gets\n"
    "the record again. The dead letter also stays where it is: a second run sends it again, unless\n"
    "--since, --until or the offsets in WHERE leave it out, or --group has stored how far the replay\n"
    "came. An interrupted run waits a few seconds for what it has sent.\n"
    "\n"
    "Exit codes: 0 all of them were acknowledged, 1 some failed or it was interrupted; standard error\n"
    "says which and why, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters replay orders-dlt --dry-run\n"
    "  conveyor dead-letters replay orders-dlt --group orders-replay    (the next run goes on behind it)\n"
    "  conveyor dead-letters replay orders-dlt --stage handler --since 2h --topic orders\n"
    "  conveyor dead-letters replay orders-dlt/0/17";

struct Options {
  DeadLetterSelection selection = {};
  bool dry_run = false;
  std::string group = {};
};

/// Prints the progress at intervals.
class Progress {
 public:
  void count(const std::string& topic) {
    ++count_;
    const auto now = std::chrono::steady_clock::now();
    if (now < next_) return;
    next_ = now + kProgressEvery;
    fmt::print(stderr, "{}: {} so far\n", topic, count_);
  }

 private:
  std::uint64_t count_ = 0;
  std::chrono::steady_clock::time_point next_ = std::chrono::steady_clock::now() + kProgressEvery;
};

void print_summary(const std::string& topic, const ReplayReport& report, bool dry_run) {
  if (dry_run) {
    fmt::print("{}: {} would be sent, {} would fail, {} are no dead letters\n", topic, report.matched - report.failed,
               report.failed, report.foreign);
  } else {
    fmt::print("{}: {} sent, {} failed, {} are no dead letters\n", topic, report.sent, report.failed, report.foreign);
  }
}

ExitCode replay(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  const DeadLetterSelection& selection = options.selection;
  const Config config = config_of(selection.connection);
  ExitCode result = kOk;
  for (const std::string& text : selection.where) {
    const Where where = *parse_where(text);
    Progress progress;
    const auto each = [&](const DeadLetter& letter) {
      if (options.dry_run) fmt::print("{} -> {}\n", place_of(letter), origin_of(letter));
      progress.count(where.topic);
    };
    const auto report = replay_dead_letters(config, where.topic, selection.filter_for(where),
                                            {.dry_run = options.dry_run,
                                             .group = options.group,
                                             .stop = stop,
                                             .broker_timeout = selection.wait(),
                                             .each = each});
    report_problems(where.topic, report.problems, report.failed + report.foreign);
    print_summary(where.topic, report, options.dry_run);
    if (report.failed != 0) result = kFailed;
    if (report.stopped) return interrupted();
  }
  return result;
}

// Other filters would leave out dead letters that the group then remembers as replayed.
void check_group(const Options& options) {
  const auto has_offsets = [](const std::string& text) { return parse_where(text)->first.has_value(); };
  const DeadLetterSelection& selection = options.selection;
  if (options.group.empty()) return;
  if (!selection.is_filtered() && std::ranges::none_of(selection.where, has_offsets)) return;
  throw CLI::ValidationError("--group",
                             "dead letters that a filter other than --limit and a partition leaves out would never be "
                             "replayed; use either --group or that filter");
}

}  // namespace

void add_dead_letters_replay(CLI::App& dead_letters, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = dead_letters.add_subcommand("replay", "Send dead letters to the topics they came from.");
  add_selection(*command, options->selection);
  command->add_flag("--dry-run", options->dry_run, "Send nothing; print what would be sent, and to which topic");
  command
      ->add_option("--group", options->group,
                   "Store in this consumer group how far the replay came, and go on there the next time; cannot be "
                   "combined with filters other than --limit and a partition")
      ->type_name("NAME");
  command->footer(fmt::format(kFooter, codec::kReplayedFrom));
  command->callback([options, &run] {
    check_group(*options);
    run = [options] { return replay(*options); };
  });
}

}  // namespace conveyor::cli
