#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/command.h"
#include "conveyor/error.h"
#include "conveyor/stop.h"
#include "conveyor/testing/embedded_broker.h"

namespace conveyor::cli {
namespace {

constexpr const char* kFooter =
    "Prints one line, bootstrap=HOST:PORT, and runs until SIGINT or SIGTERM. A topic is created when it\n"
    "is first used, with 4 partitions; --topic creates one with another number. Each partition keeps its\n"
    "last 5 MiB: when more is written, standard error says which records were discarded.\n"
    "\n"
    "Exit codes: 0 stopped as asked, 1 it could not start, 2 the command line is wrong.\n"
    "\n"
    "Examples:\n"
    "  conveyor broker\n"
    "  conveyor broker --topic orders:2 --topic invoices --partitions 8\n"
    "  conveyor broker --until-stdin-closes    (for programs that start it)";

constexpr int kMostPartitions = 1'000;

struct Options {
  int brokers = 1;
  int partitions = 4;
  std::vector<std::string> topics = {};
  bool until_stdin_closes = false;
};

// Checks "orders:2" or "orders". @return an error text, empty when the text is valid
std::string check_topic(const std::string& text) {
  const std::size_t colon = text.find(':');
  if (colon == text.npos) return {};
  const std::string count = text.substr(colon + 1);
  const bool is_number = !count.empty() && count.find_first_not_of("0123456789") == count.npos;
  if (!is_number) return fmt::format("{}: expected NAME or NAME:PARTITIONS", text);
  if (count.size() <= 4 && std::stoi(count) >= 1 && std::stoi(count) <= kMostPartitions) return {};
  return fmt::format("{}: the number of partitions must be 1 to {}", text, kMostPartitions);
}

bool stdin_closed(int wait_ms) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  if (poll(&input, 1, wait_ms) <= 0) return false;
  std::array<char, 512> ignored{};
  return read(STDIN_FILENO, ignored.data(), ignored.size()) <= 0;
}

ExitCode run_broker(const Options& options) {
  const std::stop_token stop = stop_on_signals();
  testing::EmbeddedBrokerOptions broker_options{.brokers = options.brokers};
  for (const std::string& topic : options.topics) {
    const std::size_t colon = topic.find(':');
    const int partitions = colon == topic.npos ? options.partitions : std::stoi(topic.substr(colon + 1));
    if (!broker_options.topics.emplace(topic.substr(0, colon), partitions).second) {
      throw Error(errc::invalid_config, fmt::format("--topic {}: the topic is named twice", topic));
    }
  }
  const testing::EmbeddedBroker broker(broker_options);
  std::printf("bootstrap=%s\n", broker.bootstrap_servers().c_str());
  std::fflush(stdout);

  constexpr int kLookEveryMs = 100;
  while (!stop.stop_requested()) {
    if (!options.until_stdin_closes) {
      poll(nullptr, 0, kLookEveryMs);
    } else if (stdin_closed(kLookEveryMs)) {
      break;
    }
  }
  return kOk;
}

}  // namespace

void add_broker(CLI::App& app, Run& run) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("broker", "Run an embedded Kafka broker for tests and demonstrations.");
  command->add_option("--brokers", options->brokers, "Brokers in the cluster")
      ->check(CLI::Range(1, 16))
      ->capture_default_str();
  command->add_option("--partitions", options->partitions, "Partitions of a --topic that names none")
      ->check(CLI::Range(1, kMostPartitions))
      ->capture_default_str();
  command->add_option("--topic", options->topics, "A topic to create at the start; may be repeated")
      ->type_name("NAME[:PARTITIONS]")
      ->allow_extra_args(false)
      ->check(CLI::Validator(check_topic, ""));
  command->add_flag("--until-stdin-closes", options->until_stdin_closes, "Also stop when standard input ends");
  command->footer(kFooter);
  command->callback([options, &run] { run = [options] { return run_broker(*options); }; });
}

}  // namespace conveyor::cli
