#ifndef CONVEYOR_SRC_KAFKA_ERRORS_H_
#define CONVEYOR_SRC_KAFKA_ERRORS_H_

#include <librdkafka/rdkafka.h>

#include "conveyor/error.h"

namespace conveyor::kafka {

/// What a Kafka error is to a user; errc::delivery_failed where nothing closer fits a send, errc::fatal otherwise.
[[nodiscard]] errc errc_of(rd_kafka_resp_err_t error, errc otherwise) noexcept;

/// Errors that say: another member owns the partitions by now.
[[nodiscard]] bool means_lost(rd_kafka_resp_err_t error) noexcept;
/// A commit was answered after the group had gone on to its next generation, to which the member belongs as well: the
/// rebalance tells whether the partitions stay its own, and until they are given back they may be committed again.
[[nodiscard]] bool means_next_generation(rd_kafka_resp_err_t error) noexcept;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_ERRORS_H_
