#ifndef CONVEYOR_TESTING_EMBEDDED_BROKER_H_
#define CONVEYOR_TESTING_EMBEDDED_BROKER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/export.h"

namespace conveyor::testing {

struct EmbeddedBrokerOptions {
  int brokers = 1;
  /// Where the broker says that it threw records away, also given to config(); empty: standard error.
  std::shared_ptr<Observer> observer = {};
  /// Created at once, with their numbers of partitions; topics created by being used have 4.
  std::map<std::string, int> topics = {};
};

/// A partition from which the embedded broker threw records away.
struct Overflow {
  std::string topic = {};
  std::int32_t partition = -1;
  std::int64_t records = 0;
};

/// A Kafka cluster inside this process, for tests and demonstrations; other processes of the machine can reach it too.
///
///     conveyor::testing::EmbeddedBroker broker;
///     conveyor::Producer producer{broker.config()};
///
/// It is librdkafka's mock cluster: topics appear when they are used, consumer groups and commits work, nothing
/// outlives it. It keeps the last 5 MiB of each partition; when more is written it logs an error naming the partition,
/// within a second, and overflows() tells. It has no transactions isolation, authorisation, compaction or admin
/// requests: use a real Kafka for those.
///
/// Thread safety: all functions may be called from any thread.
class CONVEYOR_EXPORT EmbeddedBroker {
 public:
  /// @throws Error with errc::fatal when the cluster cannot be started, or as create_topic does
  explicit EmbeddedBroker(const EmbeddedBrokerOptions& options = {});
  ~EmbeddedBroker();
  EmbeddedBroker(EmbeddedBroker&&) noexcept;
  EmbeddedBroker& operator=(EmbeddedBroker&&) noexcept;

  /// 127.0.0.1:port, separated by commas.
  [[nodiscard]] std::string bootstrap_servers() const;

  /// A Config for this broker, with timeouts short enough for tests. The first member of a new group gets its
  /// partitions after 3 seconds with librdkafka 2.0.2, at once with newer ones; a later one after the session
  /// timeout less a second, 4 seconds here.
  [[nodiscard]] Config config(std::string_view group = "test") const;

  /// @throws Error with errc::invalid_config when the topic exists already, errc::invalid_topic for an illegal name
  void create_topic(std::string_view topic, int partitions);

  /// What was thrown away so far, read or not, asked of the broker now. Empty: nothing was lost.
  /// @throws Error with errc::timed_out when the broker does not answer
  [[nodiscard]] std::vector<Overflow> overflows() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::testing

#endif  // CONVEYOR_TESTING_EMBEDDED_BROKER_H_
