#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/printable.h"
#include "cli/commands/dead_letter_selection.h"
#include "cli/commands/dead_letters.h"
#include "cli/commands/where.h"
#include "cli/connection.h"
#include "cli/output/bytes.h"
#include "cli/output/message_text.h"
#include "cli/output/time.h"
#include "conveyor/error.h"
#include "conveyor/stop.h"

namespace conveyor::cli {
namespace {

constexpr std::size_t kLongestText = 4'096;

constexpr const char* kFooter =
    "Exit codes: 0 done, 1 it is not there, is no dead letter, or cannot be read, 2 the command line is\n"
    "wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor dead-letters show orders-dlt/0/17\n"
    "  conveyor dead-letters show orders-dlt/0/17 --descriptors build/acme.desc    (the message as JSON)\n"
    "  conveyor dead-letters show orders-dlt/0/17 --value > value    (its bytes and nothing else)";

struct Options {
  DeadLetterSelection selection = {};  // exactly one record
  bool value = false;
  std::vector<std::string> descriptors = {};
  std::size_t bytes = 256;
};

/// @param of the text for the compressed size; empty: the bytes were not compressed
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
    text = message_json(MessageTypes(options.descriptors), topic, *bytes);
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
  const DeadLetterSelection& selection = options.selection;
  const std::string& named = selection.where.front();
  const Where where = *parse_where(named);
  const Config config = config_of(selection.connection);
  const auto print = [&](const DeadLetter& letter) {
    if (!options.value) return print_all(letter, config, options);
    const std::string value = letter.value.value_or("");
    std::fwrite(value.data(), 1, value.size(), stdout);
  };
  const auto report = read_dead_letters(config, where.topic, selection.filter_for(where), print,
                                        {.stop = stop, .broker_timeout = selection.wait()});
  report_problems(where.topic, report.problems, report.foreign);
  if (report.stopped) return interrupted();
  if (report.matched != 0) return kOk;
  if (report.foreign == 0) fmt::print(stderr, "conveyor: there is no record at {}\n", named);
  return kFailed;
}

// @return an error text, empty when the text is valid
std::string check_one(const std::string& text) {
  const auto where = parse_where(text);
  if (where && where->first && where->first == where->last) return {};
  return fmt::format("{}: expected TOPIC/PARTITION/OFFSET, as `conveyor dead-letters list` shows it", text);
}

}  // namespace

void add_dead_letters_show(CLI::App& dead_letters, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      dead_letters.add_subcommand("show", "Show one dead letter with its headers and the beginning of its value.");
  command->add_option("where", options->selection.where, "The dead letter")
      ->type_name("TOPIC/PARTITION/OFFSET")
      ->required()
      ->expected(1)
      ->check(CLI::Validator(check_one, ""));
  command->add_option("--bytes", options->bytes, "How many bytes of key and value to show")->capture_default_str();
  command
      ->add_option("--descriptors", options->descriptors,
                   "A descriptor set, as `conveyor channels` reads it, to show the message as JSON; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_flag("--value", options->value,
                    "Write only the value's bytes, as stored in the topic, to standard output");
  add_connection(*command, options->selection);
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return show(*options); }; });
}

}  // namespace conveyor::cli
