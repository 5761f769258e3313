#ifndef CONVEYOR_SRC_KAFKA_ERRORS_H_
#define CONVEYOR_SRC_KAFKA_ERRORS_H_

#include <librdkafka/rdkafka.h>

#include "conveyor/error.h"
#include "conveyor/export.h"

namespace conveyor::kafka {

/// The errc for a Kafka error; `otherwise` for a Kafka error that has no errc of its own. Exported for the command.
[[nodiscard]] CONVEYOR_EXPORT errc errc_of(rd_kafka_resp_err_t error, errc otherwise) noexcept;

/// Whether the error says that another member owns the partitions now.
[[nodiscard]] bool means_lost(rd_kafka_resp_err_t error) noexcept;
/// Whether a commit was refused because the group had moved to its next generation, to which the member belongs too.
/// The rebalance tells whether the member keeps the partitions. Until they are revoked, they may be committed again.
[[nodiscard]] bool means_next_generation(rd_kafka_resp_err_t error) noexcept;

/// Whether a new client may work after one failed with this fatal error.
[[nodiscard]] bool is_curable(rd_kafka_resp_err_t fatal) noexcept;

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_ERRORS_H_
