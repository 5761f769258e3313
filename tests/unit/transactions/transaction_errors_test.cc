#include "transactions/transaction_errors.h"

#include <gtest/gtest.h>

#include <memory>

#include "transactions/transaction_events.h"

namespace conveyor::worker {
namespace {

using Result = kafka::TransactionalProducer::Result;

TEST(TransactionErrors, WhatBrokersNeverAllowIsForGood) {
  for (const auto error : {RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                           RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
                           RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_INVALID_TRANSACTION_TIMEOUT,
                           RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE}) {
    EXPECT_TRUE(is_for_good(error)) << rd_kafka_err2name(error);
  }
}

TEST(TransactionErrors, WhatAnotherClientMayGetPastIsNotForGood) {
  for (const auto error :
       {RD_KAFKA_RESP_ERR_NO_ERROR, RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED,
        RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH, RD_KAFKA_RESP_ERR_INVALID_TXN_STATE,
        RD_KAFKA_RESP_ERR_NOT_COORDINATOR, RD_KAFKA_RESP_ERR_CONCURRENT_TRANSACTIONS}) {
    EXPECT_FALSE(is_for_good(error)) << rd_kafka_err2name(error);
  }
}

TEST(TransactionErrors, AMissingRightIsToldFromOtherErrors) {
  EXPECT_TRUE(is_not_allowed({Result::kAbort, "", RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED}));
  EXPECT_FALSE(is_not_allowed({Result::kAbort, "", RD_KAFKA_RESP_ERR_INVALID_TXN_STATE}));
  EXPECT_FALSE(is_not_allowed({Result::kAbort, "", RD_KAFKA_RESP_ERR_NO_ERROR}));
}

TEST(TransactionErrors, ARightIsMissingWhateverTheStepMustDo) {
  for (const auto result : {Result::kAgain, Result::kAbort, Result::kFatal}) {
    EXPECT_TRUE(is_not_allowed({result, "", RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED}));
    EXPECT_TRUE(is_not_allowed({result, "", RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED}));
    EXPECT_FALSE(is_not_allowed({result, "", RD_KAFKA_RESP_ERR_NOT_COORDINATOR}));
  }
}

TEST(TransactionErrors, WhatThisWorkerFoundItselfIsNoTroubleOfTheBrokers) {
  EXPECT_FALSE(is_trouble(TransactionEvents::given_back()));
  EXPECT_FALSE(is_trouble(TransactionEvents::topic_recreated()));
  EXPECT_FALSE(is_trouble(TransactionEvents::left_group()));
  const TransactionEvents events(std::make_shared<kafka::Reporter>(nullptr), "readers-0", "readers");
  EXPECT_FALSE(is_trouble(events.not_told_yet()));
  EXPECT_FALSE(is_trouble(events.not_told_in_time()));
}

TEST(TransactionErrors, ErrorsOfTheBrokersAreTroubleButForTheOneOfBeingFenced) {
  EXPECT_FALSE(is_trouble({Result::kAbort, "", RD_KAFKA_RESP_ERR_UNKNOWN}));
  EXPECT_TRUE(is_trouble({Result::kAbort, "", RD_KAFKA_RESP_ERR__TIMED_OUT}));
  EXPECT_TRUE(is_trouble({Result::kAgain, "", RD_KAFKA_RESP_ERR_NOT_COORDINATOR}));
}

}  // namespace
}  // namespace conveyor::worker
