#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_CONTEXT_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_CONTEXT_H_

#include <memory>

#include "conveyor/worker.h"
#include "kafka/transactional_producer.h"
#include "produce/waitable_clock.h"
#include "transactions/group_offsets.h"
#include "transactions/patient_calls.h"
#include "transactions/transaction_events.h"
#include "transactions/transaction_listener.h"
#include "transactions/transaction_state.h"

namespace conveyor::worker {

/// What the parts of the transaction thread share. It lives as long as they do.
struct TransactionContext {
  using Outcome = kafka::TransactionalProducer::Outcome;
  using Result = kafka::TransactionalProducer::Result;

  const ExactlyOnceOptions& options;
  TransactionState& state;
  std::unique_ptr<kafka::TransactionalProducer>& client;  // the present client
  GroupOffsets& group;
  TransactionListener& listener;
  kafka::WaitableClock& clock;
  const TransactionEvents& events;
  PatientCalls& calls;

  void leave_out_released(FinishedInputs& batch) const {
    const MutexLock lock{state.mutex};
    state.leave_out_released(batch);
  }
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_CONTEXT_H_
