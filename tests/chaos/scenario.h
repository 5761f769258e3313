#ifndef CONVEYOR_TESTS_CHAOS_SCENARIO_H_
#define CONVEYOR_TESTS_CHAOS_SCENARIO_H_

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "chaos/sender.h"
#include "chaos/service.h"
#include "chaos/tally.h"
#include "support/kafka_cluster/kafka_cluster.h"

namespace conveyor::tests {

// Each scenario sends numbered messages through services while something is killed, and counts the answers by number.
// The tests run them small; chaos_campaign runs them as long as one likes.

struct KillBrokersOptions {
  int messages = 30'000;
  int kills = 5;  ///< SIGKILL and restart, one broker after the other
  std::chrono::seconds frozen{20};
  std::uint64_t seed = 0;  ///< decides when within its share of the messages each kill falls
  bool exactly_once = false;
  std::vector<std::string> service_flags = {};
};

struct KillWorkersOptions {
  int messages = 30'000;
  int workers = 2;
  int kills = 5;  ///< of each worker
  std::string order = "partition";
  std::uint64_t seed = 0;  ///< decides after how many answers each kill falls
  bool exactly_once = false;
  std::vector<std::string> service_flags = {};
};

struct StormOptions {
  std::string strategy = "range";  ///< Kafka's partition.assignment.strategy
  std::chrono::seconds length{60};
  int per_second = 500;    ///< messages
  std::uint64_t seed = 0;  ///< decides who joins and leaves
  bool exactly_once = false;
  std::chrono::seconds every{1};  ///< somebody joins or leaves
  int awake_percent = 100;        ///< see ServiceOptions
  std::vector<std::string> service_flags = {};
};

/// What came of a scenario.
struct Outcome {
  int messages = 0;
  SendReport sends = {};
  int missing = 0;             ///< messages that were never answered
  int duplicates = 0;          ///< answers beyond each message's first
  int duplicates_allowed = 0;  ///< what was answered and not committed when workers were killed
  int largest_backlog = 0;     ///< the largest of what makes up duplicates_allowed
  int backlog_limit = 0;       ///< and what it may be: see kill_workers()
  int out_of_order = 0;        ///< records answered for the first time after one behind them
  std::int64_t dead_letters = 0;
  int kills = 0;
  int lost_sessions = 0;  ///< partitions taken from workers that were alive
  int bad_exits = 0;      ///< workers that did not end well when asked to
  std::chrono::milliseconds took{0};
  std::string logs = {};  ///< the ends of the services' logs, where something is wrong
};
std::ostream& operator<<(std::ostream& stream, const Outcome& outcome);

/// One service on a cluster of three brokers, which are killed and started again in turn; at the end one is frozen.
[[nodiscard]] Outcome kill_brokers(KafkaCluster& kafka, const KillBrokersOptions& options);

/// Workers of one group, each killed at random points of the run and started again at once.
///
/// A record may be answered again only when it was answered and not yet committed as its worker was killed. What that
/// is at each kill is measured (duplicates_allowed is the sum), and it has a limit: the records in flight, and those
/// that were done since the last commit.
[[nodiscard]] Outcome kill_workers(const std::string& bootstrap, const KillWorkersOptions& options);

/// Workers of one group, of which again and again one joins or leaves.
[[nodiscard]] Outcome rebalance_storm(const std::string& bootstrap, const StormOptions& options);

/// A seed for a run: $CHAOS_SEED, else a random one.
[[nodiscard]] std::uint64_t seed_of_run();

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_SCENARIO_H_
