#include <algorithm>
#include <random>
#include <stdexcept>
#include <utility>

#include "chaos/count.h"
#include "chaos/scenario.h"
#include "support/waiting.h"

namespace conveyor::tests {

using namespace std::chrono_literals;

namespace {

constexpr int kMaxInFlight = 64;
constexpr auto kWork = 1ms;
constexpr auto kCommitTakes = 500ms;  // on a busy machine

struct Kill {
  int after = 0;  ///< so many answers
  std::size_t worker = 0;
  std::string process = {};
  std::vector<std::int64_t> committed = {};
};

std::vector<Kill> plan(const KillWorkersOptions& options) {
  std::mt19937_64 random(options.seed);
  std::uniform_int_distribution<int> any(0, options.messages * 9 / 10);  // the last must still find work
  std::vector<Kill> kills;
  for (int i = 0; i < options.kills * options.workers; ++i) {
    kills.push_back({.after = any(random), .worker = static_cast<std::size_t>(i % options.workers)});
  }
  std::ranges::sort(kills, {}, &Kill::after);
  return kills;
}

// What a killed process had answered and the group had not committed.
int backlog_of(const Kill& kill, const Tally& tally) {
  std::int64_t records = 0;
  for (int partition = 0; partition < Stage::kPartitions; ++partition) {
    const auto committed = std::max<std::int64_t>(kill.committed[static_cast<std::size_t>(partition)], 0);
    records += std::max<std::int64_t>(tally.end_of(kill.process, partition) - committed, 0);
  }
  return static_cast<int>(records);
}

// At least once: what may be answered again.
void allow_duplicates(const std::vector<Kill>& kills, const Tally& tally, const ServiceOptions& service,
                      Outcome& outcome) {
  const auto done_per_second = service.threads * (1s / kWork);
  outcome.backlog_limit = Stage::kPartitions * kMaxInFlight +
                          static_cast<int>(done_per_second * (service.commit_interval + kCommitTakes) / 1s);
  for (const Kill& kill : kills) {
    const int backlog = backlog_of(kill, tally);
    outcome.duplicates_allowed += backlog;
    outcome.largest_backlog = std::max(outcome.largest_backlog, backlog);
  }
}

}  // namespace

Outcome kill_workers(const std::string& bootstrap, const KillWorkersOptions& options) {
  const auto start = Clock::now();
  const Stage stage(bootstrap, "kill-workers");
  ServiceOptions service = stage.service();
  service.order = options.order;
  service.max_in_flight = kMaxInFlight;
  service.work = kWork;
  service.exactly_once = options.exactly_once;
  service.flags = {"--crash-probation", "1000"};  // they die of kills, and often
  service.flags.insert(service.flags.end(), options.service_flags.begin(), options.service_flags.end());
  OutputLog log(bootstrap, stage.output, Stage::kPartitions);
  CommittedOffsets offsets(bootstrap, stage.group, stage.input, Stage::kPartitions);
  std::list<Service> services;
  for (int i = 0; i < options.workers; ++i) {
    const std::string name(1, static_cast<char>('a' + i));
    service.properties["client.id"] = name;
    services.emplace_back(name, service, stage.log_of(name));
  }
  Sender sender(stage.config(), stage.input,
                {.messages = options.messages, .per_second = 2'000, .keys_per_partition = 8});

  std::vector<Kill> kills = plan(options);
  for (Kill& kill : kills) {
    if (!log.wait_for(kill.after, 120s)) {
      throw std::runtime_error("no progress beyond " + std::to_string(log.different()) + " answers:\n" +
                               services.front().log() + services.back().log());
    }
    Service& victim = *std::next(services.begin(), static_cast<std::ptrdiff_t>(kill.worker));
    kill.process = victim.process_name();
    victim.kill();
    kill.committed = offsets.read();
    victim.start();
  }

  Outcome outcome{.messages = options.messages, .kills = static_cast<int>(kills.size())};
  outcome.sends = sender.finish(60s);
  static_cast<void>(log.wait_for(options.messages, 60s));  // counted below
  const Tally& tally = stop_and_count(stage, services, log, outcome);
  if (!options.exactly_once) allow_duplicates(kills, tally, service, outcome);
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  return outcome;
}

}  // namespace conveyor::tests
