#ifndef CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_ADMIN_H_
#define CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_ADMIN_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

struct rd_kafka_s;

namespace conveyor::tests {

/// What a user may do, as Kafka's authorizer has it.
struct KafkaRight {
  enum class Resource { kTopic, kGroup };
  enum class Operation { kRead, kWrite };
  std::string user = {};
  Operation operation = Operation::kRead;
  Resource resource = Resource::kTopic;
  std::string name = {};
};

/// The few administrative requests that tests need.
///
/// Thread safety: all functions may be called from any thread.
class KafkaAdmin {
 public:
  explicit KafkaAdmin(const std::string& bootstrap_servers);
  ~KafkaAdmin();

  /// Waits until `brokers` of them answer; gives up early when `give_up` says so.
  [[nodiscard]] bool wait_for_brokers(int brokers, std::chrono::milliseconds within,
                                      const std::function<bool()>& give_up = {});
  /// Waits until every partition of every topic has a leader and all its replicas in sync.
  [[nodiscard]] bool wait_until_in_sync(std::chrono::milliseconds within);
  /// Makes the broker create the topic of committed offsets, so that the first consumer does not wait for it.
  /// @throws std::runtime_error
  void warm_up_groups(std::chrono::milliseconds within);

  /// Creates a topic and waits until each of its partitions has a leader.
  /// @param replicas -1: the brokers' default
  /// @throws std::runtime_error
  void create_topic(const std::string& name, int partitions, const std::map<std::string, std::string>& configs = {},
                    int replicas = -1);
  /// Lets a user do something, or no longer, and waits until the broker knows it. @throws std::runtime_error
  void grant(const KafkaRight& right);
  void revoke(const KafkaRight& right);
  /// Deletes a topic; it may still be seen for a moment.
  /// @throws std::runtime_error
  void delete_topic(const std::string& name);
  /// Deletes the records of a partition below an offset.
  /// @throws std::runtime_error
  void delete_records(const std::string& topic, int partition, std::int64_t before);
  /// Gives a topic these settings, and the brokers' defaults for all others.
  /// @throws std::runtime_error
  void set_topic_configs(const std::string& name, const std::map<std::string, std::string>& configs);

 private:
  struct Destroy {
    void operator()(rd_kafka_s* client) const noexcept;
  };
  std::unique_ptr<rd_kafka_s, Destroy> client_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_KAFKA_CLUSTER_KAFKA_ADMIN_H_
