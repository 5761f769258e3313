#include "transactions/transaction_offsets.h"

#include <cstdint>
#include <map>
#include <string>

namespace conveyor::worker {

std::vector<TransactionOffset> offsets_of(const FinishedInputs& batch, std::size_t largest_metadata) {
  std::map<PartitionPtr, std::int64_t> next;
  for (const auto& input : batch) next[input.task.incoming.partition] = input.task.incoming.offset + 1;
  std::vector<TransactionOffset> offsets;
  for (const auto& [partition, offset] : next) {
    CommitMetadata metadata = partition->lease ? partition->lease->plain_metadata(offset, offset) : CommitMetadata();
    metadata.topic_began_with = partition->topic_began_with;
    offsets.push_back(
        {partition,
         {.offset = offset, .lease_end = metadata.lease_end},
         {partition->where, offset, partition->lease ? encode(metadata, largest_metadata) : std::string()}});
  }
  return offsets;
}

std::vector<PartitionPtr> partitions_of(const std::vector<TransactionOffset>& offsets) {
  std::vector<PartitionPtr> partitions;
  for (const auto& each : offsets) partitions.push_back(each.partition);
  return partitions;
}

std::optional<TransactedOffset> stored_with(const FinishedInput& input, const std::vector<TransactionOffset>& offsets) {
  const Incoming& incoming = input.task.incoming;
  for (const auto& each : offsets) {
    if (each.partition == incoming.partition && each.stored.offset == incoming.offset + 1) return each.stored;
  }
  return {};
}

}  // namespace conveyor::worker
