#include "produce/classify_report.h"

#include <gtest/gtest.h>

#include "support/fake_producer_handle.h"

namespace conveyor::kafka {
namespace {

constexpr auto kNone = RD_KAFKA_RESP_ERR_NO_ERROR;

ReportMeaning meaning(rd_kafka_resp_err_t error, bool takes_back, rd_kafka_resp_err_t fatal = kNone,
                      bool expired = false) {
  const auto send = tests::numbered_send(1);
  send->expired = expired;
  return classify_report({.send = send.get(), .error = error}, takes_back, fatal);
}

TEST(ClassifyReport, NoErrorIsADeliveryInEveryState) {
  EXPECT_EQ(meaning(kNone, false), ReportMeaning::kDelivered);
  EXPECT_EQ(meaning(kNone, true, RD_KAFKA_RESP_ERR__FATAL), ReportMeaning::kDelivered);
  EXPECT_EQ(meaning(kNone, true, kNone, true), ReportMeaning::kDelivered);
}

TEST(ClassifyReport, EveryErrorOfAClientThatWorksIsAFailure) {
  for (const auto error : {RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE,
                           RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID}) {
    EXPECT_EQ(meaning(error, false), ReportMeaning::kFailed) << rd_kafka_err2name(error);
  }
}

TEST(ClassifyReport, AFailedClientGivesBackWhatNoBrokerRefused) {
  for (const auto error : {RD_KAFKA_RESP_ERR__PURGE_QUEUE, RD_KAFKA_RESP_ERR__PURGE_INFLIGHT, RD_KAFKA_RESP_ERR__FATAL,
                           RD_KAFKA_RESP_ERR__INCONSISTENT, RD_KAFKA_RESP_ERR__STATE, RD_KAFKA_RESP_ERR__DESTROY,
                           RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID,
                           RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH}) {
    EXPECT_EQ(meaning(error, true), ReportMeaning::kGivenBack) << rd_kafka_err2name(error);
  }
}

TEST(ClassifyReport, ARecordThatIsTooLargeOrTooLateFailsThoughTheClientHasFailedToo) {
  EXPECT_EQ(meaning(RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE, true, RD_KAFKA_RESP_ERR__FATAL), ReportMeaning::kFailed);
  EXPECT_EQ(meaning(RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, true), ReportMeaning::kFailed);
}

TEST(ClassifyReport, TheErrorThatFelledTheClientIsNotTheRecords) {
  const auto fatal = RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
  EXPECT_EQ(meaning(fatal, true, fatal), ReportMeaning::kGivenBack);
  EXPECT_EQ(meaning(fatal, true), ReportMeaning::kFailed);
}

TEST(ClassifyReport, AnExpiredSendIsNotTakenBack) {
  EXPECT_EQ(meaning(RD_KAFKA_RESP_ERR__PURGE_QUEUE, true, kNone, true), ReportMeaning::kFailed);
}

}  // namespace
}  // namespace conveyor::kafka
