#ifndef CONVEYOR_SRC_PRODUCE_CLASSIFY_REPORT_H_
#define CONVEYOR_SRC_PRODUCE_CLASSIFY_REPORT_H_

#include "kafka/producer_handle.h"

namespace conveyor::kafka {

/// What a client's delivery report means for its send.
enum class ReportMeaning {
  kDelivered,
  kFailed,     ///< a broker refused the record, or its time is over
  kGivenBack,  ///< the client gave it up, not a broker: the producer decides what becomes of it
};

/// @param takes_back whether the client has failed or the producer is being closed: see ProducerRecovery
/// @param fatal the fatal error of the client, or none
[[nodiscard]] ReportMeaning classify_report(const SendReport& report, bool takes_back,
                                            rd_kafka_resp_err_t fatal) noexcept;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_CLASSIFY_REPORT_H_
