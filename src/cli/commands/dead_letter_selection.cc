#include "cli/commands/dead_letter_selection.h"

#include <fmt/format.h>

#include <string_view>

#include "cli/output/time.h"

namespace conveyor::cli {
namespace {

constexpr DeadLetterStage kStages[] = {DeadLetterStage::kDecode, DeadLetterStage::kHandler, DeadLetterStage::kCrash};

std::optional<DeadLetterStage> stage_named(std::string_view name) {
  for (const DeadLetterStage stage : kStages) {
    if (name == name_of(stage)) return stage;
  }
  return {};
}

// Checks of single options. Each returns an error text, empty when the text is valid.
std::string check_where(const std::string& text) {
  if (parse_where(text)) return {};
  return fmt::format("{}: expected TOPIC, TOPIC/PARTITION, TOPIC/PARTITION/OFFSET or TOPIC/PARTITION/FIRST..LAST",
                     text);
}
std::string check_stage(const std::string& text) {
  return stage_named(text) ? std::string() : fmt::format("{}: expected decode, handler or crash", text);
}
std::string check_time(const std::string& text) {
  if (parse_time(text, {})) return {};
  return fmt::format("{}: expected a time such as 2026-01-31T12:00:00Z or 2026-01-31, or an age such as 30m, 2h or 7d",
                     text);
}

}  // namespace

bool DeadLetterSelection::is_filtered() const {
  return !topics.empty() || !stages.empty() || !since.empty() || !until.empty();
}

DeadLetterFilter DeadLetterSelection::filter_for(const Where& part) const {
  const Time now = std::chrono::system_clock::now();
  DeadLetterFilter filter{.topics = topics, .partition = part.partition};
  for (const std::string& name : stages) filter.stages.push_back(*stage_named(name));
  if (!since.empty()) filter.since = parse_time(since, now);
  if (!until.empty()) filter.until = parse_time(until, now);
  if (part.first) filter.first_offset = *part.first;
  if (part.last) filter.last_offset = *part.last;
  if (limit) filter.limit = *limit;
  return filter;
}

void add_connection(CLI::App& command, DeadLetterSelection& selection) {
  add_connection(command, selection.connection);
  add_wait(command, selection.wait_seconds);
}

void add_selection(CLI::App& command, DeadLetterSelection& selection) {
  command.add_option("where", selection.where, "Dead-letter topics, their partitions or offsets")
      ->type_name("WHERE")
      ->required()
      ->check(CLI::Validator(check_where, ""));
  command.add_option("--topic", selection.topics, "Only dead letters of records from this topic; may be repeated")
      ->type_name("TOPIC")
      ->allow_extra_args(false);
  command
      .add_option("--stage", selection.stages,
                  "Only dead letters of this stage: decode, handler or crash; may be repeated")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_stage, ""))
      ->type_name("STAGE");
  command
      .add_option("--since", selection.since,
                  "Only dead letters written to the dead-letter topic at this time or later")
      ->type_name("TIME|AGE")
      ->check(CLI::Validator(check_time, ""));
  command.add_option("--until", selection.until, "Only dead letters written before this time")
      ->type_name("TIME|AGE")
      ->check(CLI::Validator(check_time, ""));
  command.add_option("--limit", selection.limit, "At most this many of each WHERE")
      ->type_name("NUMBER")
      ->check(CLI::NonNegativeNumber);
  add_connection(command, selection);
}

}  // namespace conveyor::cli
