#ifndef CONVEYOR_SRC_TRANSACTIONS_REFUSED_OUTPUTS_H_
#define CONVEYOR_SRC_TRANSACTIONS_REFUSED_OUTPUTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <system_error>
#include <vector>

#include "kafka/transactional_producer.h"
#include "transactions/transaction_context.h"

namespace conveyor::worker {

/// An input with an output that will never be accepted, and the reason.
struct RefusedInput {
  PartitionPtr partition = {};
  std::int64_t offset = -1;
  std::error_code code = {};
  std::string text = {};
};

/// Each such input once, with the reason of its first failed output. Pure: no threads, no client.
[[nodiscard]] std::vector<RefusedInput> refused_inputs(const FinishedInputs& batch,
                                                       std::span<const kafka::TransactionalProducer::Failed> failed);

/// Call after the batch's transaction was aborted. If outputs were refused, it hands the batch back. The brokers refuse
/// a whole batch of records because of one of them, so the input is found by halving the batch; once the input is
/// alone, it is handled again.
/// @return whether the batch was handed back; it is then empty
[[nodiscard]] bool hand_back_refused(const TransactionContext& context, FinishedInputs& batch);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_REFUSED_OUTPUTS_H_
