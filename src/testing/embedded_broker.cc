#include "conveyor/testing/embedded_broker.h"

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include "conveyor/channel.h"
#include "conveyor/error.h"
#include "kafka/mock_cluster.h"

namespace conveyor::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kWatchEvery = 500ms;
constexpr auto kAnswerWithin = 1000ms;

Severity severity_of(int syslog_level) {
  if (syslog_level <= 3) return Severity::kError;
  if (syslog_level == 4) return Severity::kWarning;
  return syslog_level <= 6 ? Severity::kInfo : Severity::kDebug;
}

}  // namespace

struct EmbeddedBroker::State {
  explicit State(const EmbeddedBrokerOptions& options)
      : chosen(options.observer),
        observer(chosen ? chosen : stderr_observer()),
        cluster(options.brokers, [this](int level, const char* line) { log(severity_of(level), "librdkafka", line); }) {
    for (const auto& [topic, partitions] : options.topics) create_topic(topic, partitions);
    watcher = std::jthread([this](std::stop_token stop) { watch(stop); });
  }

  void create_topic(const std::string& topic, int partitions) {
    if (!detail::legal_topic(topic)) {
      throw Error(errc::invalid_topic, fmt::format("\"{}\" is not a legal topic name: 1 to 249 letters, digits, dots, "
                                                   "underscores and hyphens",
                                                   topic));
    }
    if (partitions < 1) {
      throw Error(errc::invalid_config, fmt::format("topic {} with {} partitions: at least 1", topic, partitions));
    }
    cluster.create_topic(topic, partitions);
  }

  std::vector<Overflow> overflows() const {
    std::vector<Overflow> found;
    for (auto& mark : cluster.low_watermarks(kAnswerWithin)) {
      if (mark.offset > 0) found.push_back({std::move(mark.topic), mark.partition, mark.offset});
    }
    return found;
  }

  void watch(const std::stop_token& stop) {
    std::map<std::pair<std::string, std::int32_t>, std::int64_t> reported;
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, stop, kWatchEvery, [&] { return stop.stop_requested(); })) {
      try {
        for (const Overflow& overflow : overflows()) {
          std::int64_t& known = reported[{overflow.topic, overflow.partition}];
          if (overflow.records > known) report(overflow);
          known = overflow.records;
        }
      } catch (const Error& error) {
        log(Severity::kDebug, "conveyor", error.what());
      }
    }
  }

  void report(const Overflow& overflow) {
    log(Severity::kError, "conveyor",
        fmt::format("the embedded broker threw away the first {} records of topic {}, partition {}: it keeps 5 MiB or "
                    "100,000 batches of a partition; let less be unread at a time, or use a real Kafka",
                    overflow.records, overflow.topic, overflow.partition));
  }

  void log(Severity severity, std::string_view source, std::string_view text) noexcept {
    try {
      observer->on_log({severity, source, text});
    } catch (...) {
      // Observer documents that its exceptions are swallowed.
    }
  }

  std::shared_ptr<Observer> chosen;
  std::shared_ptr<Observer> observer;
  kafka::MockCluster cluster;
  std::jthread watcher;  // the last member, so that it stops before the cluster is destroyed
};

EmbeddedBroker::EmbeddedBroker(const EmbeddedBrokerOptions& options) {
  if (options.brokers < 1) {
    throw Error(errc::invalid_config, fmt::format("an embedded cluster of {} brokers: at least 1", options.brokers));
  }
  state_ = std::make_unique<State>(options);
}
EmbeddedBroker::~EmbeddedBroker() = default;
EmbeddedBroker::EmbeddedBroker(EmbeddedBroker&&) noexcept = default;
EmbeddedBroker& EmbeddedBroker::operator=(EmbeddedBroker&&) noexcept = default;

std::string EmbeddedBroker::bootstrap_servers() const { return state_->cluster.bootstrap_servers(); }

Config EmbeddedBroker::config(std::string_view group) const {
  Config config;
  config.bootstrap_servers = bootstrap_servers();
  config.group = group;
  config.observer = state_->chosen;
  config.properties = {
      // The mock drops a member that waits longer than this for its first assignment. That comes after 3 s, and later
      // on a busy machine. Do not raise it further: a member that joins later waits for this time less a second.
      {"session.timeout.ms", "5000"},
      {"heartbeat.interval.ms", "200"},
      // The mock answers a fetch only after this time, even when records are there.
      {"fetch.wait.max.ms", "10"},
      {"allow.auto.create.topics", "true"},
      {"reconnect.backoff.ms", "20"},
      {"reconnect.backoff.max.ms", "200"},
  };
  return config;
}

void EmbeddedBroker::create_topic(std::string_view topic, int partitions) {
  state_->create_topic(std::string(topic), partitions);
}

std::vector<Overflow> EmbeddedBroker::overflows() const { return state_->overflows(); }

}  // namespace conveyor::testing
