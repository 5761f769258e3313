#ifndef CONVEYOR_TESTS_UNIT_TRANSACTIONS_FINISHED_INPUTS_H_
#define CONVEYOR_TESTS_UNIT_TRANSACTIONS_FINISHED_INPUTS_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "support/fake_producer_handle.h"
#include "transactions/committable_inputs.h"

// Inputs that were handled, for tests of what is decided about them.

namespace conveyor::tests {

[[nodiscard]] inline worker::PartitionPtr new_partition(std::int32_t number) {
  return std::make_shared<worker::Partition>(kafka::TopicPartition{"images", number}, worker::OffsetTracker(), nullptr);
}

/// @param outputs the numbers of its outputs
[[nodiscard]] inline worker::FinishedInput finished_input(const worker::PartitionPtr& partition, std::int64_t offset,
                                                          const std::vector<int>& outputs = {}) {
  worker::FinishedInput finished{.task = {}, .outputs = std::make_shared<worker::Outputs>()};
  finished.task.incoming.partition = partition;
  finished.task.incoming.offset = offset;
  for (const int output : outputs) finished.outputs->push_back(numbered_send(output));
  return finished;
}

[[nodiscard]] inline worker::FinishedInputs batch_of(
    const std::vector<std::pair<worker::PartitionPtr, std::int64_t>>& inputs) {
  worker::FinishedInputs batch;
  for (const auto& [partition, offset] : inputs) batch.push_back(finished_input(partition, offset));
  return batch;
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_UNIT_TRANSACTIONS_FINISHED_INPUTS_H_
