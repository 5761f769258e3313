#ifndef CONVEYOR_SRC_KAFKA_MOCK_CLUSTER_H_
#define CONVEYOR_SRC_KAFKA_MOCK_CLUSTER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace conveyor::kafka {

/// The first offset that a partition still has; the records below it were discarded.
struct LowWatermark {
  std::string topic = {};
  std::int32_t partition = -1;
  std::int64_t offset = 0;
};

/// librdkafka's mock cluster, listening on 127.0.0.1, and a client of it.
///
/// Thread safety: all functions may be called from any thread.
class MockCluster {
 public:
  /// Gets librdkafka's syslog level (0 to 7) and the line. Called on librdkafka's threads.
  using Log = std::function<void(int level, const char* line)>;

  /// @throws Error with errc::fatal when the cluster cannot start
  MockCluster(int brokers, Log log);
  ~MockCluster();
  MockCluster(const MockCluster&) = delete;
  MockCluster& operator=(const MockCluster&) = delete;

  /// host:port of each broker, separated by commas.
  [[nodiscard]] std::string bootstrap_servers() const;

  /// @throws Error with errc::invalid_config when the topic already exists
  void create_topic(const std::string& topic, int partitions);

  /// The low watermarks of all partitions of all topics.
  /// @throws Error with errc::timed_out when the cluster does not answer
  [[nodiscard]] std::vector<LowWatermark> low_watermarks(std::chrono::milliseconds within) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_MOCK_CLUSTER_H_
