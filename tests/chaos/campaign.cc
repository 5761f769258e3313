// chaos_campaign: the scenarios of the chaos tests, as long as one likes.

#include <cstdio>
#include <exception>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "chaos/flags.h"
#include "chaos/scenario.h"

namespace conveyor::tests {
namespace {

constexpr char kAbout[] = R"(chaos_campaign SCENARIO [FLAG VALUE]...
Runs a scenario against a real Kafka of its own and counts every message; ends with 1 when one is missing.

Scenarios:
  brokers   three brokers killed and started again in turn, one frozen for a while, under a producer and a service
  workers   workers of one group killed at random points and started again
  storm     workers of one group of which again and again one joins or leaves
  all       the three, one after the other

Flags:
)";
constexpr char kExamples[] = R"(
Examples:
  chaos_campaign all                                       about six minutes
  chaos_campaign brokers --messages 1000000 --kills 200    a night
  chaos_campaign workers --kills 20 --order key --seed 7
  chaos_campaign storm --seconds 3600 --strategy cooperative-sticky
  chaos_campaign storm --every 10 --awake-percent 10       a deployment on a machine that has no time
)";

struct Campaign {
  int messages = 100'000;
  int kills = 20;
  int seconds = 60;
  int per_second = 500;
  int every = 1;
  int awake_percent = 100;
  int rounds = 1;
  std::uint64_t seed = seed_of_run();
  std::string order = "partition";
  std::string strategy = "range";
  bool exactly_once = false;
  std::vector<std::string> service_flags = {};
};

Flags flags_of(Campaign& campaign) {
  Flags flags;
  const auto number = [&](const char* name, const char* help, int& to) {
    flags.add(name, "N", help, [&to](const std::string& value) { to = std::stoi(value); });
  };
  number("messages", "brokers, workers: how many (100000)", campaign.messages);
  number("kills", "brokers: of all together; workers: of each of the two (20)", campaign.kills);
  number("seconds", "storm: how long (60)", campaign.seconds);
  number("per-second", "storm: messages sent; 50000 and no work keep the readers busy (500)", campaign.per_second);
  number("every", "storm: seconds until the next joins or leaves (1)", campaign.every);
  number("awake-percent", "storm: of the time that each worker runs; it is stopped the rest of it (100)",
         campaign.awake_percent);
  number("rounds", "the whole, so many times, each with the next seed (1)", campaign.rounds);
  flags.add("seed", "N", "what decides where kills fall; printed (random)",
            [&](const std::string& value) { campaign.seed = std::stoull(value); });
  flags.add("order", "ORDER", "workers: partition, key or unordered (partition)",
            [&](const std::string& value) { campaign.order = value; });
  flags.add("strategy", "NAME", "storm: range or cooperative-sticky (range)",
            [&](const std::string& value) { campaign.strategy = value; });
  flags.add_switch("exactly-once", "the services work in transactions, and nothing may be answered twice",
                   [&] { campaign.exactly_once = true; });
  flags.add("service-flag", "TEXT", "handed to every service as it is; may be repeated",
            [&](const std::string& value) { campaign.service_flags.push_back(value); });
  return flags;
}

bool good(const Outcome& outcome, bool exactly_once) {
  if (exactly_once && outcome.duplicates > 0) return false;
  return outcome.missing == 0 && outcome.sends.failed == 0 && outcome.sends.not_resolved_once == 0 &&
         outcome.dead_letters == 0 && outcome.bad_exits == 0 &&
         (outcome.backlog_limit == 0 || outcome.lost_sessions > 0 ||
          (outcome.duplicates <= outcome.duplicates_allowed && outcome.largest_backlog <= outcome.backlog_limit));
}

bool run(const std::string& scenario, const Campaign& campaign, std::uint64_t seed) {
  std::cout << scenario << ", seed " << seed << std::endl;
  KafkaCluster kafka({.brokers = scenario == "brokers" ? 3 : 1});
  Outcome outcome;
  if (scenario == "brokers") {
    outcome = kill_brokers(kafka, {.messages = campaign.messages,
                                   .kills = campaign.kills,
                                   .seed = seed,
                                   .exactly_once = campaign.exactly_once,
                                   .service_flags = campaign.service_flags});
  } else if (scenario == "workers") {
    outcome = kill_workers(kafka.bootstrap_servers(), {.messages = campaign.messages,
                                                       .kills = campaign.kills,
                                                       .order = campaign.order,
                                                       .seed = seed,
                                                       .exactly_once = campaign.exactly_once,
                                                       .service_flags = campaign.service_flags});
  } else {
    outcome = rebalance_storm(kafka.bootstrap_servers(), {.strategy = campaign.strategy,
                                                          .length = std::chrono::seconds(campaign.seconds),
                                                          .per_second = campaign.per_second,
                                                          .seed = seed,
                                                          .exactly_once = campaign.exactly_once,
                                                          .every = std::chrono::seconds(campaign.every),
                                                          .awake_percent = campaign.awake_percent,
                                                          .service_flags = campaign.service_flags});
  }
  const bool is_good = good(outcome, campaign.exactly_once);
  std::cout << scenario << ": " << outcome << "\n" << scenario << (is_good ? ": good" : ": BAD") << std::endl;
  return is_good;
}

int campaign_of(const std::vector<std::string>& arguments) {
  Campaign campaign;
  const Flags flags = flags_of(campaign);
  const std::string scenario = arguments.empty() ? "" : arguments.front();
  if (scenario == "-h" || scenario == "--help") {
    std::cout << kAbout << flags.help() << kExamples;
    return 0;
  }
  const std::map<std::string, std::vector<std::string>> scenarios{{"brokers", {"brokers"}},
                                                                  {"workers", {"workers"}},
                                                                  {"storm", {"storm"}},
                                                                  {"all", {"brokers", "workers", "storm"}}};
  const auto wanted = scenarios.find(scenario);
  if (wanted == scenarios.end()) throw std::invalid_argument("wants a scenario; see --help");
  flags.parse({arguments.begin() + 1, arguments.end()});
  bool all_good = true;
  for (int round = 0; round < campaign.rounds; ++round) {
    for (const std::string& one : wanted->second) {
      all_good = run(one, campaign, campaign.seed + static_cast<std::uint64_t>(round)) && all_good;
    }
  }
  return all_good ? 0 : 1;
}

}  // namespace
}  // namespace conveyor::tests

int main(int argc, char** argv) {
  try {
    return conveyor::tests::campaign_of({argv + 1, argv + argc});
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "chaos_campaign: %s\n", error.what());
    return 2;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "chaos_campaign: %s\n", error.what());
    return 1;
  }
}
