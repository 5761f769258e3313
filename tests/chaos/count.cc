#include "chaos/count.h"

#include "support/kafka_cluster/kafka_node.h"

namespace conveyor::tests {

using namespace std::chrono_literals;

const Tally& stop_and_count(const Stage& stage, std::list<Service>& services, OutputLog& log, Outcome& outcome) {
  for (Service& service : services) service.ask_to_stop();
  for (Service& service : services) {
    outcome.bad_exits += service.stop() == 0 ? 0 : 1;
    outcome.lost_sessions += static_cast<int>(service.events("lost").size());
  }
  const Tally& tally = log.finish(60s);
  outcome.missing = tally.missing(outcome.messages);
  outcome.duplicates = tally.duplicates();
  outcome.out_of_order = tally.out_of_order();
  outcome.dead_letters = records_in(stage.bootstrap, stage.dead_letters, Stage::kPartitions);
  const bool doubled = outcome.duplicates > 0 && services.front().exactly_once();
  if (doubled || outcome.missing + outcome.bad_exits > 0) {
    for (const Service& service : services) {
      outcome.logs += "log of " + service.process_name() + ":\n" + last_lines(service.log(), 30);
    }
  }
  return tally;
}

}  // namespace conveyor::tests
