#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/edit_distance.h"
#include "cli/command.h"
#include "cli/commands/topic_warnings.h"
#include "cli/connection.h"
#include "cli/output/json.h"
#include "cli/output/table.h"
#include "cli/output/terminal.h"
#include "conveyor/channel.h"
#include "conveyor/stop.h"
#include "kafka/cluster.h"

namespace conveyor::cli {
namespace {

constexpr const char* kFooter =
    "REPLICAS and IN-SYNC are those of the partition that has the fewest. RECORDS counts offsets: the marks\n"
    "of transactions and what compaction has removed count too. Topics of Kafka itself, whose names begin\n"
    "with __, are shown where they are named.\n"
    "\n"
    "Warnings are about settings that may lose records, or make sends fail: they compare the topic with\n"
    "what CONVEYOR_MAX_RECORD_BYTES lets services send, too.\n"
    "\n"
    "Exit codes: 0 done, with or without warnings, 1 failed, or a topic is not there; standard error says\n"
    "which, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor topics\n"
    "  conveyor topics orders invoices\n"
    "  conveyor topics --json | jq 'select(.warnings != [])'    (one JSON object a line)";

struct Options {
  Connection connection = {};
  std::vector<std::string> topics = {};
  bool json = false;
  int wait_seconds = 10;
};

/// A topic with everything that is shown of it.
struct Topic {
  kafka::TopicFacts facts = {};
  TopicSettings settings = {};
  std::vector<std::optional<kafka::LogRange>> ranges = {};  // of the partitions, in their order
  std::vector<TopicWarning> warnings = {};

  /// None where a partition's leader did not tell.
  [[nodiscard]] std::optional<std::int64_t> records() const {
    std::int64_t sum = 0;
    for (const auto& range : ranges) {
      if (!range) return {};
      sum += range->end - range->begin;
    }
    return sum;
  }
  [[nodiscard]] int fewest(int kafka::PartitionFacts::*count) const {
    const auto found = std::ranges::min_element(facts.partitions, {}, count);
    return found != facts.partitions.end() ? (*found).*count : 0;
  }
};

std::string not_there(const std::string& name, const std::vector<kafka::TopicFacts>& all) {
  std::vector<std::string> names;
  for (const auto& topic : all) names.push_back(topic.name);
  return fmt::format("there is no topic {}, or this user may not see it{}", name,
                     names.empty() ? "" : fmt::format("; did you mean {}?", closest(name, names)));
}

std::vector<kafka::TopicFacts> chosen(const std::vector<kafka::TopicFacts>& all, const Options& options,
                                      std::vector<std::string>& problems) {
  std::vector<kafka::TopicFacts> topics;
  if (options.topics.empty()) {
    std::ranges::copy_if(all, std::back_inserter(topics),
                         [](const auto& topic) { return !topic.name.starts_with("__"); });
  }
  for (const std::string& name : options.topics) {
    const auto found = std::ranges::find(all, name, &kafka::TopicFacts::name);
    if (found == all.end()) {
      problems.push_back(not_there(name, all));
    } else {
      topics.push_back(*found);
    }
  }
  for (const auto& topic : topics) {
    if (!topic.error.empty()) problems.push_back(fmt::format("topic {}: {}", topic.name, topic.error));
  }
  return topics;
}

std::vector<Topic> look(kafka::Cluster& cluster, const Options& options, std::size_t max_record_bytes,
                        std::vector<std::string>& problems) {
  const auto facts = chosen(cluster.topics(), options, problems);
  std::vector<std::string> names;
  std::vector<kafka::TopicPartition> partitions;
  for (const auto& topic : facts) {
    names.push_back(topic.name);
    const std::string_view name = detail::intern_topic(topic.name, {});
    for (const auto& partition : topic.partitions) partitions.push_back({name, partition.partition});
  }
  auto settings = cluster.settings_of(names);
  const auto ranges = cluster.log_ranges(partitions);
  auto next = ranges.begin();
  std::vector<Topic> topics;
  for (const auto& topic : facts) {
    const auto end = next + static_cast<std::ptrdiff_t>(topic.partitions.size());
    Topic all{.facts = topic, .settings = settings[topic.name], .ranges = {next, end}};
    all.warnings = warnings_of(topic, all.settings, max_record_bytes);
    next = end;
    topics.push_back(std::move(all));
  }
  return topics;
}

void print_table(const std::vector<Topic>& topics) {
  using enum Table::Align;
  const bool colours = shows_colours();
  Table table({{"TOPIC", kLeft},
               {"PARTITIONS", kRight},
               {"REPLICAS", kRight},
               {"IN-SYNC", kRight},
               {"RECORDS", kRight},
               {"RETENTION", kLeft},
               {"WARNINGS", kRight}});
  for (const Topic& topic : topics) {
    const int replicas = topic.fewest(&kafka::PartitionFacts::replicas);
    const int in_sync = topic.fewest(&kafka::PartitionFacts::in_sync);
    const auto records = topic.records();
    const auto warnings = topic.warnings.size();
    table.add({topic.facts.name,
               std::to_string(topic.facts.partitions.size()),
               std::to_string(replicas),
               {std::to_string(in_sync), in_sync < replicas ? Style::kBad : Style::kPlain},
               records ? std::to_string(*records) : "-",
               retention_text(topic.settings),
               {warnings == 0 ? "-" : std::to_string(warnings), warnings == 0 ? Style::kPlain : Style::kWarning}});
  }
  fmt::print("{}", table.text(colours));
  bool is_first = true;
  for (const Topic& topic : topics) {
    const std::string name = colours ? styled(topic.facts.name, Style::kWarning) : topic.facts.name;
    for (const TopicWarning& warning : topic.warnings) {
      fmt::print("{}{}: {}\n", is_first ? "\n" : "", name, warning.text);
      is_first = false;
    }
  }
}

std::string joined(const std::vector<std::string>& json) {
  std::string text = "[";
  for (const std::string& each : json) {
    if (text.size() > 1) text += ',';
    text += each;
  }
  return text + ']';
}

void print_json(const Topic& topic) {
  std::vector<std::string> partitions;
  for (std::size_t i = 0; i < topic.facts.partitions.size(); ++i) {
    const auto& partition = topic.facts.partitions[i];
    const auto& range = topic.ranges[i];
    JsonObject object;
    object.add("partition", partition.partition).add("leader", partition.leader);
    object.add("replicas", partition.replicas).add("in_sync", partition.in_sync);
    object.add("begin", range ? std::optional(range->begin) : std::nullopt);
    object.add("end", range ? std::optional(range->end) : std::nullopt);
    partitions.push_back(object.text());
  }
  std::vector<std::string> warnings;
  for (const TopicWarning& warning : topic.warnings) {
    warnings.push_back(JsonObject().add("setting", warning.setting).add("text", warning.text).text());
  }
  JsonObject object;
  object.add("topic", topic.facts.name).add_json("partitions", joined(partitions));
  object.add("replicas", topic.fewest(&kafka::PartitionFacts::replicas));
  object.add("in_sync", topic.fewest(&kafka::PartitionFacts::in_sync)).add("records", topic.records());
  const auto policy = topic.settings.find("cleanup.policy");
  object.add("cleanup_policy", policy != topic.settings.end() ? std::optional(policy->second) : std::nullopt);
  for (const auto& [name, setting] : {std::pair{"retention_ms", "retention.ms"},
                                      {"retention_bytes", "retention.bytes"},
                                      {"max_message_bytes", "max.message.bytes"},
                                      {"min_insync_replicas", "min.insync.replicas"}}) {
    object.add(name, number_of(topic.settings, setting));
  }
  object.add_json("warnings", joined(warnings));
  fmt::print("{}\n", object.text());
}

ExitCode show_topics(const Options& options) {
  const Config config = config_of(options.connection);
  kafka::Cluster cluster(config, {.stop = stop_on_signals(), .patience = std::chrono::seconds(options.wait_seconds)});
  std::vector<std::string> problems;
  const auto topics = look(cluster, options, config.max_record_bytes, problems);
  if (options.json) {
    for (const Topic& topic : topics) print_json(topic);
  } else if (!topics.empty()) {
    print_table(topics);
  }
  for (const std::string& problem : problems) fmt::print(stderr, "conveyor: {}\n", problem);
  if (!problems.empty()) return kFailed;
  if (topics.empty() && !options.json) fmt::print(stderr, "no topics\n");
  return kOk;
}

}  // namespace

void add_topics(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("topics", "Show topics, and settings that endanger delivery.");
  command->add_option("topics", options->topics, "Only these, named as the brokers have them; default: all")
      ->type_name("TOPIC");
  command->add_flag("--json", options->json, "One JSON object a line");
  add_wait(*command, options->wait_seconds);
  add_connection(*command, options->connection);
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return show_topics(*options); }; });
}

}  // namespace conveyor::cli
