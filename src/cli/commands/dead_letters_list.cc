#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "base/printable.h"
#include "cli/commands/dead_letter_selection.h"
#include "cli/commands/dead_letters.h"
#include "cli/commands/where.h"
#include "cli/connection.h"
#include "cli/output/json.h"
#include "cli/output/time.h"
#include "conveyor/retry.h"
#include "conveyor/stop.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kErrorInTable = 100;

constexpr const char* kFooter =
    "WHERE is a dead-letter topic, one of its partitions, or some of its offsets:\n"
    "orders-dlt, orders-dlt/0, orders-dlt/0/17, orders-dlt/0/17..25.\n"
    "\n"
    "Exit codes: 0 done, 1 failed or interrupted; standard error says why, 2 the command line is wrong.\n"
    "Records that are not dead letters are named on standard error and do not count as a failure, unless\n"
    "there are no other records.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters list orders-dlt invoices-dlt\n"
    "  conveyor dead-letters list orders-dlt --since 2026-01-31T12:00:00Z --until 2026-02-01\n"
    "  conveyor dead-letters list orders-dlt --stage decode --json    (one JSON object a line)";

struct Options {
  DeadLetterSelection selection = {};
  bool json = false;
};

/// A line for each dead letter, below a line with the names of the columns.
class Table {
 public:
  void print(const DeadLetter& letter) {
    const std::size_t width = letter.topic.size() + 9;  // wide enough for most places
    if (is_empty_) {
      fmt::print("{:24}  {:7}  {:5}  {:{}}  {:{}}  {}\n", "TIME", "STAGE", "TRIES", "AT", width, "FROM", width,
                 "ERROR");
    }
    is_empty_ = false;
    fmt::print("{:24}  {:7}  {:>5}  {:{}}  {:{}}  {}\n", format_time(letter.timestamp), name_of(letter.stage),
               letter.attempts, place_of(letter), width, origin_of(letter), width,
               printable(letter.error, kErrorInTable));
  }
  [[nodiscard]] bool is_empty() const noexcept { return is_empty_; }

 private:
  bool is_empty_ = true;
};

void print_json(const DeadLetter& letter) {
  fmt::print(R"({{"topic":{},"partition":{},"offset":{},"time":"{}",)", json_string(letter.topic), letter.partition,
             letter.offset, format_time(letter.timestamp));
  fmt::print(R"("origin":{{"topic":{},"partition":{},"offset":{},"time":"{}","group":{}}},)",
             json_string(letter.origin.topic), letter.origin.partition, letter.origin.offset,
             format_time(letter.origin.timestamp), json_string(letter.origin.group));
  fmt::print(R"("stage":"{}","attempts":{},"service":{},"error":{},"key":{},"value_bytes":{}}})", name_of(letter.stage),
             letter.attempts, json_string(letter.service), json_string(letter.error),
             letter.key ? json_string(*letter.key) : "null",
             letter.value ? std::to_string(letter.value->size()) : "null");
  fmt::print("\n");
}

// Printed instead of a line for each record.
void report_no_dead_letter_topic(const std::string& topic, std::uint64_t records) {
  const std::string suffix = DeadLetterOptions().topic_suffix;
  fmt::print(stderr, "conveyor: {}: {}, none of them a dead letter{}\n", topic,
             records == 1 ? "1 record" : fmt::format("{} records", records),
             topic.ends_with(suffix) ? "" : fmt::format("; did you mean {}{}?", topic, suffix));
}

ExitCode list(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  const DeadLetterSelection& selection = options.selection;
  const Config config = config_of(selection.connection);
  ExitCode result = kOk;
  Table table;
  const auto print = [&](const DeadLetter& letter) {
    if (options.json) return print_json(letter);
    table.print(letter);
  };
  for (const std::string& text : selection.where) {
    const Where where = *parse_where(text);
    const auto report = read_dead_letters(config, where.topic, selection.filter_for(where), print,
                                          {.stop = stop, .broker_timeout = selection.wait()});
    if (report.stopped) return interrupted();
    if (!selection.is_filtered() && report.matched == 0 && report.foreign > 0) {
      report_no_dead_letter_topic(where.topic, report.foreign);
      result = kFailed;
    } else {
      report_problems(where.topic, report.problems, report.foreign);
    }
  }
  if (table.is_empty() && !options.json && result == kOk) fmt::print(stderr, "no dead letters\n");
  return result;
}

}  // namespace

void add_dead_letters_list(CLI::App& dead_letters, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = dead_letters.add_subcommand("list", "List dead letters, one a line.");
  add_selection(*command, options->selection);
  command->add_flag("--json", options->json, "One JSON object a line");
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return list(*options); }; });
}

}  // namespace conveyor::cli
