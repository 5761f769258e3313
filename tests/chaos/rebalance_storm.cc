#include <random>
#include <thread>

#include "chaos/count.h"
#include "chaos/scenario.h"
#include "support/group_protocol.h"
#include "support/waiting.h"

namespace conveyor::tests {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t kMostMembers = 4;  // as many as partitions

}  // namespace

Outcome rebalance_storm(const std::string& bootstrap, const StormOptions& options) {
  const auto start = Clock::now();
  const Stage stage(bootstrap, "storm");
  ServiceOptions service = stage.service();
  service.properties["partition.assignment.strategy"] = options.strategy;
  set_session_timeout(service.properties, "10000");  // nobody dies here
  service.exactly_once = options.exactly_once;
  service.flags = options.service_flags;
  service.awake_percent = options.awake_percent;
  OutputLog log(bootstrap, stage.output, Stage::kPartitions);
  const int messages = options.per_second * static_cast<int>(options.length.count());
  Sender sender(stage.config(), stage.input, {.messages = messages, .per_second = options.per_second});

  std::mt19937_64 random(options.seed);
  std::list<Service> members;
  std::list<Service> leaving;
  int joined = 0;
  const auto join = [&] {
    const std::string name = "m" + std::to_string(++joined);
    members.emplace_back(name, service, stage.log_of(name));
  };
  join();
  for (auto beat = Clock::now(); beat < start + options.length; beat += options.every) {
    const bool leave = members.size() == kMostMembers || (members.size() > 1 && random() % 2 == 0);
    if (leave) {
      auto one = members.begin();
      std::advance(one, random() % members.size());
      one->ask_to_stop();
      leaving.splice(leaving.end(), members, one);
    } else {
      join();
    }
    std::this_thread::sleep_until(beat + options.every);
  }

  Outcome outcome{.messages = messages};
  outcome.sends = sender.finish(60s);
  static_cast<void>(log.wait_for(messages, 60s));  // counted below
  members.splice(members.end(), leaving);
  stop_and_count(stage, members, log, outcome);
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  return outcome;
}

}  // namespace conveyor::tests
