#ifndef CONVEYOR_TESTS_SUPPORT_MOCK_BROKER_H_
#define CONVEYOR_TESTS_SUPPORT_MOCK_BROKER_H_

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>  // needs rdkafka.h before it

namespace conveyor::tests {

/// A test with librdkafka's mock cluster, as a rule of one broker, which can be slow and answer with errors; it stands
/// behind support/broker.h while the test runs.
class MockBrokerTest : public ::testing::Test {
 public:
  [[nodiscard]] static rd_kafka_mock_cluster_t* cluster();

 protected:
  explicit MockBrokerTest(int brokers = 1);
  ~MockBrokerTest() override;

  /// The cluster does not say what a group has committed, as while a transaction of it is open.
  static void tell_no_offsets();
  static void tell_offsets();

  // API keys of the Kafka protocol.
  static constexpr std::int16_t kProduceRequest = 0;
  static constexpr std::int16_t kFetchRequest = 1;
  static constexpr std::int16_t kListOffsetsRequest = 2;
  static constexpr std::int16_t kOffsetCommitRequest = 8;
  static constexpr std::int16_t kOffsetFetchRequest = 9;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_MOCK_BROKER_H_
