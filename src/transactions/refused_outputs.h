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

/// An input one of whose outputs will never be accepted, and why.
struct RefusedInput {
  PartitionPtr partition = {};
  std::int64_t offset = -1;
  std::error_code code = {};
  std::string text = {};
};

/// Each input once, for the first of its outputs that failed; without the threads and the client.
[[nodiscard]] std::vector<RefusedInput> refused_inputs(const FinishedInputs& batch,
                                                       std::span<const kafka::TransactionalProducer::Failed> failed);

/// After the batch's transaction was aborted: hands it back when outputs were refused. The brokers refuse a whole batch
/// of records for one of them: the input is found by halving, and when it is alone it is to be handled again.
/// @return whether it was handed back; the batch is empty then
[[nodiscard]] bool hand_back_refused(const TransactionContext& context, FinishedInputs& batch);

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_REFUSED_OUTPUTS_H_
