#ifndef CONVEYOR_SRC_TRANSACTIONS_OFFSET_QUESTION_H_
#define CONVEYOR_SRC_TRANSACTIONS_OFFSET_QUESTION_H_

#include <span>
#include <vector>

#include "consume/partition.h"

namespace conveyor::worker {

/// About which partitions the group is asked before a transaction commits some of them: none while none of these must
/// be asked about, else all that it is time for, so that the next transactions, of other partitions, need not ask.
///
/// @param committed by the transaction @param held of which transactions are made, those among them
[[nodiscard]] std::vector<PartitionPtr> partitions_to_ask_about(std::span<const PartitionPtr> committed,
                                                                std::span<const PartitionPtr> held,
                                                                StoredOffsetWatch::Clock::time_point now);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_OFFSET_QUESTION_H_
