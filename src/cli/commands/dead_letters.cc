#include "conveyor/dead_letters.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/command.h"
#include "cli/connection.h"
#include "cli/output/message_text.h"
#include "cli/output/text.h"
#include "conveyor/error.h"
#include "conveyor/retry.h"
#include "conveyor/stop.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kErrorInTable = 100;
constexpr std::size_t kLongestText = 4'096;
constexpr auto kProgressEvery = std::chrono::seconds(2);

constexpr const char* kFooter =
    "Dead letters are named as `list` shows them: TOPIC/PARTITION/OFFSET, with the dead-letter topic's\n"
    "name as the brokers have it. Times are UTC. The brokers are those of CONVEYOR_BOOTSTRAP_SERVERS;\n"
    "all CONVEYOR_ variables are read.\n"
    "\n"
    "Exit codes: 0 done, 1 failed or interrupted; standard error says why, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters list orders-dlt --since 2h\n"
    "  conveyor dead-letters show orders-dlt/0/17\n"
    "  conveyor dead-letters replay orders-dlt --stage handler --dry-run\n"
    "  conveyor dead-letters replay --help";

constexpr const char* kListFooter =
    "WHERE is a dead-letter topic, one of its partitions, or some of its offsets:\n"
    "orders-dlt, orders-dlt/0, orders-dlt/0/17, orders-dlt/0/17..25.\n"
    "\n"
    "Exit codes: 0 done, 1 failed or interrupted; standard error says why, 2 the command line is wrong.\n"
    "Records that are no dead letters are named on standard error and do not count as a failure, unless\n"
    "there are no others.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters list orders-dlt invoices-dlt\n"
    "  conveyor dead-letters list orders-dlt --since 2026-01-31T12:00:00Z --until 2026-02-01\n"
    "  conveyor dead-letters list orders-dlt --stage decode --json    (one JSON object a line)";

constexpr const char* kShowFooter =
    "Exit codes: 0 done, 1 it is not there, is no dead letter, or cannot be read, 2 the command line is\n"
    "wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters show orders-dlt/0/17\n"
    "  conveyor dead-letters show orders-dlt/0/17 --descriptors build/acme.desc    (the message as JSON)\n"
    "  conveyor dead-letters show orders-dlt/0/17 --value > value    (its bytes and nothing else)";

constexpr const char* kReplayFooter =
    "Each dead letter is sent once, with its first key, value and headers, to the topic and partition it\n"
    "came from, and gets the header conveyor-replayed-from. Every consumer group of that topic sees it\n"
    "again. It also stays where it is: run this twice and it is sent twice, unless --since, --until or\n"
    "the offsets in WHERE leave it out, or --group remembers it. An interrupted run waits a few seconds\n"
    "for what it has sent.\n"
    "\n"
    "Exit codes: 0 all of them were acknowledged, 1 some failed or it was interrupted; standard error\n"
    "says which and why, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters replay orders-dlt --dry-run\n"
    "  conveyor dead-letters replay orders-dlt --group orders-replay    (the next run goes on behind it)\n"
    "  conveyor dead-letters replay orders-dlt --stage handler --since 2h --topic orders\n"
    "  conveyor dead-letters replay orders-dlt/0/17";

/// A dead-letter topic, or a part of it.
struct Where {
  std::string topic = {};
  std::optional<std::int32_t> partition = {};
  std::optional<std::int64_t> first = {};
  std::optional<std::int64_t> last = {};
};

template <class Number>
bool read_number(std::string_view text, std::optional<Number>& number) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  number = value;
  return error == std::errc() && end == text.data() + text.size() && value >= 0 && text.front() != '-';
}

// TOPIC[/PARTITION[/OFFSET[..OFFSET]]]
std::optional<Where> parse_where(std::string_view text) {
  const auto next = [&text](std::string_view separator) {
    const std::size_t end = text.find(separator);
    const std::string_view part = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + separator.size());
    return part;
  };
  if (text.empty() || text.ends_with('/') || text.ends_with("..")) return {};
  Where where{.topic = std::string(next("/"))};
  if (where.topic.empty()) return {};
  if (!text.empty() && !read_number(next("/"), where.partition)) return {};
  if (!text.empty()) {
    if (!read_number(next(".."), where.first)) return {};
    where.last = where.first;
    if (!text.empty() && (!read_number(text, where.last) || where.last < where.first)) return {};
  }
  return where;
}

struct Options {
  Connection connection = {};
  std::vector<std::string> where = {};
  std::vector<std::string> topics = {};
  std::vector<std::string> stages = {};
  std::string since = {};
  std::string until = {};
  std::optional<std::size_t> limit = {};
  bool json = false;
  bool value = false;
  std::vector<std::string> descriptors = {};
  std::size_t bytes = 256;
  bool dry_run = false;
  std::string group = {};
  int wait = 10;
};

constexpr DeadLetterStage kStages[] = {DeadLetterStage::kDecode, DeadLetterStage::kHandler, DeadLetterStage::kCrash};

std::optional<DeadLetterStage> stage_named(std::string_view name) {
  for (const DeadLetterStage stage : kStages) {
    if (name == name_of(stage)) return stage;
  }
  return {};
}

/// Other filters than these would leave out what a group remembers as replayed.
bool is_filtered(const Options& options) {
  return !options.topics.empty() || !options.stages.empty() || !options.since.empty() || !options.until.empty();
}

DeadLetterFilter filter_of(const Options& options, const Where& where) {
  const Time now = std::chrono::system_clock::now();
  DeadLetterFilter filter{.topics = options.topics, .partition = where.partition};
  for (const std::string& name : options.stages) filter.stages.push_back(*stage_named(name));
  if (!options.since.empty()) filter.since = parse_time(options.since, now);
  if (!options.until.empty()) filter.until = parse_time(options.until, now);
  if (where.first) filter.first_offset = *where.first;
  if (where.last) filter.last_offset = *where.last;
  if (options.limit) filter.limit = *options.limit;
  return filter;
}

std::chrono::milliseconds wait_of(const Options& options) { return std::chrono::seconds(options.wait); }

std::string place(const std::string& topic, std::int32_t partition, std::int64_t offset) {
  return fmt::format("{}/{}/{}", topic, partition, offset);
}
std::string place_of(const DeadLetter& letter) { return place(letter.topic, letter.partition, letter.offset); }
std::string origin_of(const DeadLetter& letter) {
  return place(letter.origin.topic, letter.origin.partition, letter.origin.offset);
}

void print_row(const DeadLetter& letter) {
  const std::size_t width = letter.topic.size() + 9;  // as wide as most of them are
  fmt::print("{:24}  {:7}  {:>5}  {:{}}  {:{}}  {}\n", format_time(letter.timestamp), name_of(letter.stage),
             letter.attempts, place_of(letter), width, origin_of(letter), width,
             printable(letter.error, kErrorInTable));
}

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

/// Says on standard error what was left out or went wrong.
void tell(const std::string& topic, const std::vector<DeadLetterProblem>& problems, std::uint64_t all) {
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

// Instead of a line for each of its records.
void tell_no_dead_letter_topic(const std::string& topic, std::uint64_t records) {
  const std::string suffix = DeadLetterOptions().topic_suffix;
  fmt::print(stderr, "conveyor: {}: {}, none of them a dead letter{}\n", topic,
             records == 1 ? "1 record" : fmt::format("{} records", records),
             topic.ends_with(suffix) ? "" : fmt::format("; did you mean {}{}?", topic, suffix));
}

ExitCode list(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  const Config config = config_of(options.connection);
  ExitCode result = kOk;
  bool first = true;
  for (const std::string& text : options.where) {
    const Where where = *parse_where(text);
    const auto report = read_dead_letters(config, where.topic, filter_of(options, where),
                                          [&](const DeadLetter& letter) {
                                            if (options.json) return print_json(letter);
                                            if (std::exchange(first, false)) {
                                              const std::size_t width = letter.topic.size() + 9;
                                              fmt::print("{:24}  {:7}  {:5}  {:{}}  {:{}}  {}\n", "TIME", "STAGE",
                                                         "TRIES", "AT", width, "FROM", width, "ERROR");
                                            }
                                            print_row(letter);
                                          },
                                          {.stop = stop, .wait_for_broker = wait_of(options)});
    if (report.stopped) return interrupted();
    if (!is_filtered(options) && report.matched == 0 && report.foreign > 0) {
      tell_no_dead_letter_topic(where.topic, report.foreign);
      result = kFailed;
    } else {
      tell(where.topic, report.problems, report.foreign);
    }
  }
  if (first && !options.json && result == kOk) fmt::print(stderr, "no dead letters\n");
  return result;
}

/// @param of what they were before they were inflated
void print_bytes(const char* name, const std::optional<std::string>& bytes, std::size_t longest,
                 const std::string& of = {}) {
  if (!bytes) {
    fmt::print("{:9} (none)\n", name);
    return;
  }
  const std::string_view begin = std::string_view(*bytes).substr(0, longest);
  const std::string size = fmt::format("({} bytes{}{})", bytes->size(), of,
                                       begin.size() < bytes->size() ? fmt::format(", the first {}", begin.size()) : "");
  if (is_text(*bytes)) {
    fmt::print("{:9} {}  {}\n", name, printable(*bytes, longest), size);
  } else {
    fmt::print("{:9} {}\n{}", name, size, hex_dump(begin));
  }
}

void print_value(const DeadLetter& letter, const Config& config, const Options& options) {
  const auto message = letter.value ? inflated(*letter.value, config.max_message_bytes) : std::nullopt;
  const auto& bytes = message ? message : letter.value;
  const std::string of = message ? fmt::format(", inflated from {}", letter.value->size()) : "";
  if (options.descriptors.empty() || !bytes) return print_bytes("value", bytes, options.bytes, of);
  std::string_view topic = letter.origin.topic;
  if (topic.starts_with(config.topic_prefix)) topic.remove_prefix(config.topic_prefix.size());
  std::string text;
  try {
    text = MessageTexts(options.descriptors).json(topic, *bytes);
  } catch (const Error&) {
    print_bytes("value", bytes, options.bytes, of);
    throw;
  }
  fmt::print("value     ({} bytes{})\n{}", bytes->size(), of, text);
}

void print_all(const DeadLetter& letter, const Config& config, const Options& options) {
  const auto line = [](const char* name, std::string_view text) {
    fmt::print("{:9} {}\n", name, printable(text, kLongestText));
  };
  line("at", place_of(letter));
  line("time", format_time(letter.timestamp));
  line("stage", name_of(letter.stage));
  line("error", letter.error);
  line("attempts", std::to_string(letter.attempts));
  line("from", origin_of(letter));
  line("sent", format_time(letter.origin.timestamp));
  line("group", letter.origin.group);
  line("service", letter.service);
  for (const Header& header : letter.headers)
    line("header", header.name + (header.is_null ? " (null)" : " = " + header.value));
  print_bytes("key", letter.key, options.bytes);
  print_value(letter, config, options);
}

ExitCode show(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  const Where where = *parse_where(options.where.front());
  const Config config = config_of(options.connection);
  const auto print = [&](const DeadLetter& letter) {
    if (!options.value) return print_all(letter, config, options);
    const std::string value = letter.value.value_or("");
    std::fwrite(value.data(), 1, value.size(), stdout);
  };
  const auto report = read_dead_letters(config, where.topic, filter_of(options, where), print,
                                        {.stop = stop, .wait_for_broker = wait_of(options)});
  tell(where.topic, report.problems, report.foreign);
  if (report.stopped) return interrupted();
  if (report.matched != 0) return kOk;
  if (report.foreign == 0) fmt::print(stderr, "conveyor: there is no record at {}\n", options.where.front());
  return kFailed;
}

/// Says now and then how far it is.
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

ExitCode replay(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  const Config config = config_of(options.connection);
  ExitCode result = kOk;
  for (const std::string& text : options.where) {
    const Where where = *parse_where(text);
    Progress progress;
    const auto report = replay_dead_letters(config, where.topic, filter_of(options, where),
                                            {.dry_run = options.dry_run,
                                             .group = options.group,
                                             .stop = stop,
                                             .wait_for_broker = wait_of(options),
                                             .each = [&](const DeadLetter& letter) {
                                               if (options.dry_run) {
                                                 fmt::print("{} -> {}\n", place_of(letter), origin_of(letter));
                                               }
                                               progress.count(where.topic);
                                             }});
    tell(where.topic, report.problems, report.failed + report.foreign);
    if (options.dry_run) {
      fmt::print("{}: {} would be sent, {} would fail, {} are no dead letters\n", where.topic,
                 report.matched - report.failed, report.failed, report.foreign);
    } else {
      fmt::print("{}: {} sent, {} failed, {} are no dead letters\n", where.topic, report.sent, report.failed,
                 report.foreign);
    }
    if (report.failed != 0) result = kFailed;
    if (report.stopped) return interrupted();
  }
  return result;
}

// Checks of single options. @return an error text, empty when it is well formed
std::string check_where(const std::string& text) {
  if (parse_where(text)) return {};
  return fmt::format("{}: expected TOPIC, TOPIC/PARTITION, TOPIC/PARTITION/OFFSET or TOPIC/PARTITION/FIRST..LAST",
                     text);
}
std::string check_one(const std::string& text) {
  const auto where = parse_where(text);
  if (where && where->first && where->first == where->last) return {};
  return fmt::format("{}: expected TOPIC/PARTITION/OFFSET, as `conveyor dead-letters list` shows it", text);
}
std::string check_stage(const std::string& text) {
  return stage_named(text) ? std::string() : fmt::format("{}: expected decode, handler or crash", text);
}
std::string check_time(const std::string& text) {
  if (parse_time(text, {})) return {};
  return fmt::format("{}: expected a time such as 2026-01-31T12:00:00Z or 2026-01-31, or an age such as 30m, 2h or 7d",
                     text);
}

void add_wait(CLI::App& command, Options& options) {
  command.add_option("--wait", options.wait, "How long the brokers may give no answer")
      ->type_name("SECONDS")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();
}

void add_filters(CLI::App& command, Options& options) {
  command.add_option("where", options.where, "Dead-letter topics, or parts of them")
      ->type_name("WHERE")
      ->required()
      ->check(CLI::Validator(check_where, ""));
  command.add_option("--topic", options.topics, "Only those that came from this topic; may be repeated")
      ->type_name("TOPIC")
      ->allow_extra_args(false);
  command
      .add_option("--stage", options.stages, "Only those that failed there: decode, handler or crash; may be repeated")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_stage, ""))
      ->type_name("STAGE");
  command.add_option("--since", options.since, "Only those written to the dead-letter topic then or later")
      ->type_name("TIME|AGE")
      ->check(CLI::Validator(check_time, ""));
  command.add_option("--until", options.until, "Only those written to it before")
      ->type_name("TIME|AGE")
      ->check(CLI::Validator(check_time, ""));
  command.add_option("--limit", options.limit, "No more than so many of each WHERE")
      ->type_name("NUMBER")
      ->check(CLI::NonNegativeNumber);
  add_connection(command, options.connection);
  add_wait(command, options);
}

}  // namespace

void add_dead_letters(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("dead-letters", "Look at the records that could not be handled; send them again.");
  command->require_subcommand(1);
  command->footer(kFooter);

  CLI::App* listing = command->add_subcommand("list", "List dead letters, one a line.");
  add_filters(*listing, *options);
  listing->add_flag("--json", options->json, "One JSON object a line");
  listing->footer(kListFooter);
  listing->callback([options, &run] { run = [options] { return list(*options); }; });

  CLI::App* showing =
      command->add_subcommand("show", "Show one dead letter with its headers and the begin of its value.");
  showing->add_option("where", options->where, "The dead letter")
      ->type_name("TOPIC/PARTITION/OFFSET")
      ->required()
      ->expected(1)
      ->check(CLI::Validator(check_one, ""));
  showing->add_option("--bytes", options->bytes, "How much of key and value is shown")->capture_default_str();
  showing
      ->add_option("--descriptors", options->descriptors,
                   "A descriptor set, as `conveyor channels` reads; the message is shown as JSON. May be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  showing->add_flag("--value", options->value,
                    "Write the value's bytes, as they lie in the topic, to standard output and nothing else");
  add_connection(*showing, options->connection);
  add_wait(*showing, *options);
  showing->footer(kShowFooter);
  showing->callback([options, &run] { run = [options] { return show(*options); }; });

  CLI::App* replaying = command->add_subcommand("replay", "Send dead letters to the topics they came from.");
  add_filters(*replaying, *options);
  replaying->add_flag("--dry-run", options->dry_run, "Send nothing; say what would be sent, and where to");
  replaying
      ->add_option("--group", options->group,
                   "Remember in this consumer group how far it came, and go on there; no filter stands beside it but "
                   "--limit and a partition")
      ->type_name("NAME");
  replaying->footer(kReplayFooter);
  replaying->callback([options, &run] {
    const auto has_offsets = [](const std::string& text) { return parse_where(text)->first.has_value(); };
    if (!options->group.empty() && (is_filtered(*options) || std::ranges::any_of(options->where, has_offsets))) {
      throw CLI::ValidationError("--group",
                                 "what another filter than --limit and a partition leaves out would never be "
                                 "replayed; leave out one of them");
    }
    run = [options] { return replay(*options); };
  });
}

}  // namespace conveyor::cli
