#include "kafka/errors.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace conveyor::kafka {
namespace {

rd_kafka_resp_err_t error(int code) { return static_cast<rd_kafka_resp_err_t>(code); }

struct Row {
  errc code;
  std::vector<int> errors;
};

// The protocol's errors by their numbers: https://kafka.apache.org/protocol#protocol_error_codes
const Row kRows[] = {
    {errc::ok, {0}},
    {errc::message_too_large, {10, 18}},
    {errc::queue_full, {RD_KAFKA_RESP_ERR__QUEUE_FULL}},
    {errc::timed_out, {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR__TIMED_OUT, 7}},
    {errc::unknown_topic, {RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, 3}},
    {errc::invalid_topic, {17}},
    {errc::unknown_partition, {RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION}},
    {errc::broker_unreachable,
     {RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__RESOLVE, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN}},
    // Credentials: they fail before a request is sent, and by the broker's answer. Rights: to the topic, the group,
    // the cluster (idempotent writes), the transactional id.
    {errc::not_authorized, {RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL, 33, 58, 29, 30, 31, 53}},
    // No leader, not that leader, too few replicas, a moment's failure of a disk or the network, a quota.
    {errc::retryable, {5, 6, 8, 9, 13, 19, 20, 56, 89}},
    {errc::possibly_delivered, {RD_KAFKA_RESP_ERR__PURGE_INFLIGHT}},
    {errc::stopped, {RD_KAFKA_RESP_ERR__PURGE_QUEUE}},
    {errc::fatal, {RD_KAFKA_RESP_ERR__FATAL}},
};

TEST(KafkaErrors, AreWhatTheyMeanToAUser) {
  for (const Row& row : kRows) {
    for (const int code : row.errors) {
      for (const errc otherwise : {errc::delivery_failed, errc::retryable}) {
        EXPECT_EQ(errc_of(error(code), otherwise), row.code) << code;
      }
    }
  }
}

TEST(KafkaErrors, ThatAreNotNamedAreWhatTheCallerSays) {
  std::set<int> named;
  for (const Row& row : kRows) named.insert(row.errors.begin(), row.errors.end());
  for (int code = RD_KAFKA_RESP_ERR__BEGIN; code < 200; ++code) {
    if (named.contains(code)) continue;
    EXPECT_EQ(errc_of(error(code), errc::delivery_failed), errc::delivery_failed) << code;
    EXPECT_EQ(errc_of(error(code), errc::retryable), errc::retryable) << code;
  }
}

TEST(IsCurable, RightsAndFeaturesThatAreMissingAreMissingForTheNextClientToo) {
  for (const auto error :
       {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION,
        RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED}) {
    EXPECT_FALSE(is_curable(error)) << rd_kafka_err2name(error);
  }
  EXPECT_TRUE(is_curable(RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER));
  EXPECT_TRUE(is_curable(RD_KAFKA_RESP_ERR__FATAL));
}

}  // namespace
}  // namespace conveyor::kafka
