#include "produce/classify_report.h"

namespace conveyor::kafka {
namespace {

// Whether the error says that the client gave the record back, rather than that a broker refused it.
bool gives_back(rd_kafka_resp_err_t error, rd_kafka_resp_err_t fatal) noexcept {
  switch (error) {
    case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
    case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
    case RD_KAFKA_RESP_ERR__FATAL:
    case RD_KAFKA_RESP_ERR__INCONSISTENT:
    case RD_KAFKA_RESP_ERR__STATE:
    case RD_KAFKA_RESP_ERR__DESTROY:
    case RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER:
    case RD_KAFKA_RESP_ERR_UNKNOWN_PRODUCER_ID:
    case RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH:
      return true;
    default:
      return error == fatal;
  }
}

}  // namespace

ReportMeaning classify_report(const SendReport& report, bool takes_back, rd_kafka_resp_err_t fatal) noexcept {
  if (report.error == RD_KAFKA_RESP_ERR_NO_ERROR) return ReportMeaning::kDelivered;
  // An expired send is already resolved: nobody waits for it.
  if (report.send->expired || !takes_back || !gives_back(report.error, fatal)) return ReportMeaning::kFailed;
  return ReportMeaning::kGivenBack;
}

}  // namespace conveyor::kafka
