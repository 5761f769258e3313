#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/edit_distance.h"
#include "cli/command.h"
#include "cli/commands/oldest_records.h"
#include "cli/commands/partition_lag.h"
#include "cli/connection.h"
#include "cli/output/json.h"
#include "cli/output/table.h"
#include "cli/output/terminal.h"
#include "cli/output/time.h"
#include "cli/repeat.h"
#include "conveyor/error.h"
#include "conveyor/stop.h"
#include "kafka/cluster.h"

namespace conveyor::cli {
namespace {

using std::chrono::milliseconds;

// Reading the oldest records may take this long: their ages are not worth waiting for a leader that is away.
constexpr milliseconds kAgesWithin{5'000};

constexpr const char* kFooter =
    "LAG counts the records from the committed offset to the end of the log, as kafka-consumer-groups does:\n"
    "those of open transactions count, and so do the marks that end transactions. It is below 0 where a\n"
    "shorter log has replaced the one that was read. AGE is the age of the oldest record that is not\n"
    "committed, by its timestamp. What cannot be told is -, in JSON null.\n"
    "\n"
    "Exit codes: 0 done, 1 failed, or something could not be told: a group is not there, a partition has\n"
    "no leader; standard error says what, 2 the command line is wrong. Ctrl-C ends --watch with 0.\n"
    "\n"
    "Examples:\n"
    "  conveyor lag\n"
    "  conveyor lag --group kitchen --group billing --topic orders\n"
    "  conveyor lag --watch 5    (every five seconds, with the change since the last time)\n"
    "  conveyor lag --json | jq 'select(.lag > 1000)'    (one JSON object a line)";

struct Options {
  Connection connection = {};
  std::vector<std::string> groups = {};
  std::vector<std::string> topics = {};
  bool json = false;
  Watch watch = {};
  int wait_seconds = 10;
};

/// What a look at the cluster has found.
struct Report {
  std::vector<std::string> groups = {};  // those that are there
  std::vector<PartitionLag> partitions = {};
  std::vector<std::string> problems = {};
};

std::string not_there(const std::string& group, const std::vector<std::string>& all) {
  return fmt::format("there is no group {}, or this user may not see it{}", group,
                     all.empty() ? "" : fmt::format("; did you mean {}?", closest(group, all)));
}

/// Asks the cluster again and again.
class Lags {
 public:
  Lags(const Config& config, const Options& options, std::stop_token stop)
      : options_(options),
        stop_(std::move(stop)),
        cluster_(config, {.stop = stop_, .patience = std::chrono::seconds(options.wait_seconds)}),
        oldest_(config) {}

  [[nodiscard]] Report look() {
    Report report;
    choose_groups(report);
    const auto described = cluster_.describe(report.groups);
    const auto committed = cluster_.committed(report.groups);
    for (const auto& offsets : committed) {
      const kafka::GroupFacts& group = facts_of(described, offsets.group);
      const std::string& error = !offsets.error.empty() ? offsets.error : group.error;
      if (!error.empty()) report.problems.push_back(fmt::format("group {}: {}", offsets.group, error));
      std::ranges::move(partitions_of(group, offsets, options_.topics), std::back_inserter(report.partitions));
    }
    find_ends(report);
    oldest_.find_ages(report.partitions, std::min(kAgesWithin, milliseconds(options_.wait_seconds * 1'000)), stop_);
    return report;
  }

 private:
  static const kafka::GroupFacts& facts_of(const std::vector<kafka::GroupFacts>& all, const std::string& group) {
    static const kafka::GroupFacts none;
    const auto found = std::ranges::find(all, group, &kafka::GroupFacts::name);
    return found != all.end() ? *found : none;
  }

  void choose_groups(Report& report) {
    auto all = cluster_.groups();
    if (options_.groups.empty()) {
      report.groups = std::move(all);
      return;
    }
    for (const std::string& group : options_.groups) {
      if (std::ranges::find(report.groups, group) != report.groups.end()) continue;
      if (std::ranges::binary_search(all, group)) {
        report.groups.push_back(group);
      } else {
        report.problems.push_back(not_there(group, all));
      }
    }
  }

  void find_ends(Report& report) {
    std::vector<kafka::TopicPartition> where;
    for (const auto& partition : report.partitions) where.push_back(partition.where);
    const auto before = [](const kafka::TopicPartition& a, const kafka::TopicPartition& b) {
      return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
    };
    std::ranges::sort(where, before);
    where.erase(std::unique(where.begin(), where.end()), where.end());
    const auto ends = cluster_.log_ends(where);
    for (auto& partition : report.partitions) {
      const auto place = std::ranges::lower_bound(where, partition.where, before) - where.begin();
      partition.end = ends[static_cast<std::size_t>(place)];
    }
    for (std::size_t i = 0; i < where.size(); ++i) {
      if (ends[i]) continue;
      report.problems.push_back(fmt::format("{} [{}]: its leader did not tell where the log ends within {} s",
                                            where[i].topic, where[i].partition, options_.wait_seconds));
    }
  }

  const Options& options_;
  const std::stop_token stop_;
  kafka::Cluster cluster_;
  OldestRecords oldest_;
};

std::string number_or_dash(const std::optional<std::int64_t>& number) { return number ? std::to_string(*number) : "-"; }
std::string text_or_dash(const std::string& text) { return text.empty() ? "-" : text; }
std::string change_text(const std::optional<std::int64_t>& change) {
  return change.has_value() ? fmt::format("{:+}", change.value_or(0)) : "-";
}

Style style_of(const std::optional<std::int64_t>& lag) {
  if (!lag || *lag == 0) return Style::kPlain;
  return *lag < 0 ? Style::kBad : Style::kWarning;
}

class LagTable {
 public:
  explicit LagTable(bool with_change)
      : with_change_(with_change), table_(with_change ? columns(true) : columns(false)) {}

  void add(const PartitionLag& partition, const std::optional<std::int64_t>& change) {
    std::vector<Table::Cell> row{partition.group,
                                 std::string(partition.where.topic),
                                 std::to_string(partition.where.partition),
                                 number_or_dash(partition.committed),
                                 number_or_dash(partition.end),
                                 {number_or_dash(partition.lag()), style_of(partition.lag())},
                                 partition.age ? age_text(*partition.age) : "-"};
    if (with_change_) row.emplace_back(change_text(change));
    row.emplace_back(text_or_dash(partition.client_id));
    row.emplace_back(text_or_dash(partition.host));
    table_.add(std::move(row));
  }
  void add_total(const std::string& group, const GroupTotal& total, const std::optional<std::int64_t>& change) {
    std::vector<Table::Cell> row{{group, Style::kBold},
                                 {"(total)", Style::kBold},
                                 "",
                                 "",
                                 "",
                                 {std::to_string(total.lag), Style::kBold},
                                 {total.age ? age_text(*total.age) : "-", Style::kBold}};
    if (with_change_) row.emplace_back(change_text(change), Style::kBold);
    row.emplace_back("");
    row.emplace_back("");
    table_.add(std::move(row));
  }
  void print() const { fmt::print("{}", table_.text(shows_colours())); }

 private:
  static std::vector<Table::Column> columns(bool with_change) {
    using enum Table::Align;
    std::vector<Table::Column> all{{"GROUP", kLeft}, {"TOPIC", kLeft}, {"PARTITION", kRight}, {"COMMITTED", kRight},
                                   {"END", kRight},  {"LAG", kRight},  {"AGE", kRight}};
    if (with_change) all.push_back({"CHANGE", kRight});
    all.push_back({"CLIENT", kLeft});
    all.push_back({"HOST", kLeft});
    return all;
  }

  const bool with_change_;
  Table table_;
};

void print_table(const Report& report, LagChanges* changes) {
  LagTable table(changes != nullptr);
  for (const std::string& group : report.groups) {
    bool is_empty = true;
    std::optional<std::int64_t> sum;
    for (const PartitionLag& partition : report.partitions) {
      if (partition.group != group) continue;
      const auto change = changes != nullptr ? changes->change(partition) : std::nullopt;
      if (change) sum = sum.value_or(0) + *change;
      table.add(partition, change);
      is_empty = false;
    }
    if (!is_empty) table.add_total(group, total_of(report.partitions, group), sum);
  }
  table.print();
}

void print_json(const Report& report, LagChanges* changes) {
  const std::string now = format_time(std::chrono::system_clock::now());
  for (const PartitionLag& partition : report.partitions) {
    JsonObject object;
    object.add("time", now).add("group", partition.group).add("topic", partition.where.topic);
    object.add("partition", partition.where.partition).add("committed", partition.committed).add("end", partition.end);
    object.add("lag", partition.lag());
    object.add_json("lag_seconds",
                    partition.age ? fmt::format("{:.3f}", static_cast<double>(partition.age->count()) / 1e3) : "null");
    if (changes != nullptr) object.add("change", changes->change(partition));
    object.add("client_id", partition.client_id).add("host", partition.host);
    fmt::print("{}\n", object.text());
  }
}

ExitCode show_lag(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  Lags lags(config_of(options.connection), options, stop);
  LagChanges changes;
  LagChanges* const watched = options.watch.asked_for() ? &changes : nullptr;
  return repeat(options.watch, stop, !options.json, [&] {
    const Report report = lags.look();
    if (options.json) {
      print_json(report, watched);
    } else if (!report.partitions.empty()) {
      print_table(report, watched);
    }
    for (const std::string& problem : report.problems) fmt::print(stderr, "conveyor: {}\n", problem);
    if (!report.problems.empty()) return kFailed;
    if (report.partitions.empty() && !options.json) {
      fmt::print(stderr, "{}\n", report.groups.empty() ? "no groups" : "no committed offsets");
    }
    return kOk;
  });
}

}  // namespace

void add_lag(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("lag", "Show how far consumer groups are behind.");
  command->add_option("--group", options->groups, "Only this group; may be repeated; default: all")
      ->type_name("GROUP")
      ->allow_extra_args(false);
  command->add_option("--topic", options->topics, "Only this topic, named as the brokers have it; may be repeated")
      ->type_name("TOPIC")
      ->allow_extra_args(false);
  command->add_flag("--json", options->json, "One JSON object a line");
  add_watch(*command, options->watch);
  add_wait(*command, options->wait_seconds);
  add_connection(*command, options->connection);
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return show_lag(*options); }; });
}

}  // namespace conveyor::cli
