#include <random>
#include <stdexcept>
#include <thread>

#include "chaos/count.h"
#include "chaos/scenario.h"
#include "support/group_protocol.h"
#include "support/waiting.h"

namespace conveyor::tests {

using namespace std::chrono_literals;

Outcome kill_brokers(KafkaCluster& kafka, const KillBrokersOptions& options) {
  const auto start = Clock::now();
  const Stage stage(kafka.bootstrap_servers(), "kill-brokers");
  ServiceOptions service = stage.service();
  set_session_timeout(service.properties, "45000");  // Kafka's default: the group's coordinator is frozen, too
  service.exactly_once = options.exactly_once;
  service.flags = options.service_flags;
  OutputLog log(stage.bootstrap, stage.output, Stage::kPartitions);
  std::list<Service> services;
  services.emplace_back("a", service, stage.log_of("a"));

  // Each kill has its share of the messages, the frozen broker has one, and one comes after.
  const int share = options.messages / (options.kills + 2);
  constexpr int kPerSecond = 1'000;
  Sender sender(stage.config(), stage.input, {.messages = options.messages, .per_second = kPerSecond});
  const auto wait_for_answers = [&](int answers) {
    if (!log.wait_for(answers, 120s)) {
      throw std::runtime_error("no progress beyond " + std::to_string(log.different()) + " answers:\n" +
                               services.front().log());
    }
  };

  std::mt19937_64 random(options.seed);
  std::uniform_int_distribution<int> within_share(0, share / 2);
  for (int kill = 0; kill < options.kills; ++kill) {
    sender.pause_at((kill + 1) * share);
    wait_for_answers(kill * share + within_share(random));
    const int broker = kill % kafka.brokers();
    kafka.kill(broker);
    kafka.restart(broker);
    kafka.wait_until_in_sync(90s);
  }
  if (options.frozen > 0s) {
    sender.pace(std::max<int>(share / static_cast<int>(options.frozen.count()), 1));
    sender.pause_at((options.kills + 1) * share);
    wait_for_answers(options.kills * share);
    const int broker = options.kills % kafka.brokers();
    kafka.pause(broker);
    std::this_thread::sleep_for(options.frozen);
    kafka.resume(broker);
    kafka.wait_until_in_sync(90s);
  }

  Outcome outcome{.messages = options.messages, .kills = options.kills};
  sender.pace(10 * kPerSecond);
  outcome.sends = sender.finish(150s);
  // Counted below. A client that stalls for good is noticed after a minute, and recreated.
  static_cast<void>(log.wait_for(options.messages, 120s));
  stop_and_count(stage, services, log, outcome);
  outcome.took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
  return outcome;
}

}  // namespace conveyor::tests
