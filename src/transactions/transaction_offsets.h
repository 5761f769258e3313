#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_OFFSETS_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_OFFSETS_H_

#include <cstddef>
#include <optional>
#include <vector>

#include "consume/completions.h"
#include "consume/partition.h"
#include "kafka/consumer_client.h"
#include "transactions/committable_inputs.h"

namespace conveyor::worker {

/// What a transaction commits for a partition.
struct TransactionOffset {
  PartitionPtr partition = {};
  TransactedOffset stored = {};
  kafka::OffsetToCommit sent = {};
};

/// @param batch of each partition in the order of its log
/// @param largest_metadata the most commit metadata, in bytes
[[nodiscard]] std::vector<TransactionOffset> offsets_of(const FinishedInputs& batch, std::size_t largest_metadata);
[[nodiscard]] std::vector<PartitionPtr> partitions_of(const std::vector<TransactionOffset>& offsets);
/// For the last input of its partition: what was committed with it; otherwise nothing.
[[nodiscard]] std::optional<TransactedOffset> stored_with(const FinishedInput& input,
                                                          const std::vector<TransactionOffset>& offsets);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_OFFSETS_H_
