#ifndef CONVEYOR_SRC_TRANSACTIONS_OFFSET_QUESTION_H_
#define CONVEYOR_SRC_TRANSACTIONS_OFFSET_QUESTION_H_

#include <span>
#include <vector>

#include "consume/partition.h"

namespace conveyor::worker {

/// The partitions that the group is asked about before a transaction commits some of them. None, if none of the
/// committed ones must be asked about. Otherwise all partitions whose turn it is, so that the next transactions, of
/// other partitions, need not ask.
///
/// @param committed the partitions that the transaction commits
/// @param held all partitions with inputs for transactions, those of `committed` included
[[nodiscard]] std::vector<PartitionPtr> partitions_to_ask_about(std::span<const PartitionPtr> committed,
                                                                std::span<const PartitionPtr> held,
                                                                StoredOffsetWatch::Clock::time_point now);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_OFFSET_QUESTION_H_
