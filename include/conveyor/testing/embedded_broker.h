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
  /// Receives the broker's log, with errors about records that it threw away. config() uses the same observer. Empty:
  /// the broker logs to standard error.
  std::shared_ptr<Observer> observer = {};
  /// Topics to create at the start, with their numbers of partitions. A topic that is created by its first use has 4.
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
/// It is librdkafka's mock cluster. The first use of a topic creates it. Consumer groups and commits work. Nothing
/// outlives the object. It keeps only the last 5 MiB of each partition. When more is written, it logs an error with the
/// partition's name within a second, and overflows() reports the loss. It has no isolation of transactions, no
/// authorisation, no compaction and no admin requests: use a real Kafka for those.
///
/// Thread safety: all functions may be called from any thread.
class CONVEYOR_EXPORT EmbeddedBroker {
 public:
  /// @throws Error with errc::fatal when the cluster cannot be started, or as create_topic does
  explicit EmbeddedBroker(const EmbeddedBrokerOptions& options = {});
  ~EmbeddedBroker();
  EmbeddedBroker(EmbeddedBroker&&) noexcept;
  EmbeddedBroker& operator=(EmbeddedBroker&&) noexcept;

  /// 127.0.0.1:port of each broker, separated by commas.
  [[nodiscard]] std::string bootstrap_servers() const;

  /// A Config for this broker, with timeouts short enough for tests. The first member of a new group gets its
  /// partitions after 3 seconds with librdkafka 2.0.2, and at once with newer versions. A member that joins later gets
  /// them after the session timeout less one second: 4 seconds here.
  [[nodiscard]] Config config(std::string_view group = "test") const;

  /// @throws Error with errc::invalid_config when the topic exists already, errc::invalid_topic for an illegal name
  void create_topic(std::string_view topic, int partitions);

  /// Asks the broker which records it has thrown away so far, whether they were read or not. Empty: nothing was lost.
  /// @throws Error with errc::timed_out when the broker does not answer
  [[nodiscard]] std::vector<Overflow> overflows() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::testing

#endif  // CONVEYOR_TESTING_EMBEDDED_BROKER_H_
