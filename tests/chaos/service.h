#ifndef CONVEYOR_TESTS_CHAOS_SERVICE_H_
#define CONVEYOR_TESTS_CHAOS_SERVICE_H_

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "support/kafka_cluster/child_process.h"

namespace conveyor::tests {

/// How the processes of a test are started; see chaos_service.cc for what the flags mean.
struct ServiceOptions {
  std::string bootstrap = {};
  std::string group = {};
  std::string input = {};
  std::string output = {};
  int threads = 2;
  std::string order = "partition";
  bool dead_letters = false;
  bool exactly_once = false;
  int max_in_flight = 256;  ///< per partition
  std::chrono::milliseconds commit_interval{100};
  std::chrono::microseconds work{0};  ///< that each message takes
  std::map<std::string, std::string> properties = {};
  std::vector<std::string> flags = {};  ///< added as they are
  int awake_percent = 100;              ///< of the time; below 100 it is stopped and goes on ten times a second
};

/// Kafka properties with which a member that died is missed, and a rebalance noticed, within a second or two.
[[nodiscard]] std::map<std::string, std::string> quick_group_properties();

/// One line that a service printed about a partition.
struct ServiceEvent {
  std::string process = {};  ///< as Service::process_name says
  std::int64_t time_ms = 0;  ///< since the epoch
  std::string kind = {};     ///< as name_of(Event::Kind) says
  int partition = -1;
  std::int64_t offset = -1;
};

/// A worker in a process of its own, which may be killed and started again any number of times.
///
/// Thread safety: one thread at a time.
class Service {
 public:
  /// Starts it. @param log a file of its own
  Service(std::string name, ServiceOptions options, std::filesystem::path log);

  /// The next process; the one before has ended.
  void start();
  void kill();  ///< SIGKILL; returns when it is dead
  /// SIGTERM, as soon as it is ready for it; only once for each process.
  void ask_to_stop();
  [[nodiscard]] bool running() const { return process_->running(); }
  /// As ChildProcess::wait.
  std::optional<int> wait(std::chrono::milliseconds within) { return process_->wait(within); }
  /// Asks it to stop and waits; the exit status, which is 128 + SIGKILL when it had to be killed.
  int stop(std::chrono::milliseconds within = std::chrono::seconds(40));

  /// What the present process calls itself in its answers: the name and how often it was started.
  [[nodiscard]] std::string process_name() const { return name_ + "." + std::to_string(starts_); }
  [[nodiscard]] bool exactly_once() const noexcept { return options_.exactly_once; }

  /// What all its processes printed so far.
  [[nodiscard]] std::string log() const;
  [[nodiscard]] std::vector<ServiceEvent> events(const std::string& kind) const;
  /// What the present process was assigned and has not given back.
  [[nodiscard]] std::set<int> partitions() const;
  /// A figure of the last report line; none before the first.
  [[nodiscard]] std::optional<std::int64_t> reported(const std::string& figure) const;

 private:
  [[nodiscard]] std::vector<std::string> command() const;
  void throttle(const std::stop_token& stop);
  [[nodiscard]] std::vector<ServiceEvent> all_events() const;

  const std::string name_;
  const ServiceOptions options_;
  const std::filesystem::path log_;
  int starts_ = 0;
  bool asked_to_stop_ = false;
  std::optional<ChildProcess> process_;
  std::jthread throttle_;  // ends before the process does
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_SERVICE_H_
