#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LISTENER_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LISTENER_H_

#include <optional>
#include <string>
#include <system_error>

#include "consume/completions.h"
#include "conveyor/error.h"
#include "transactions/committable_inputs.h"

namespace conveyor::worker {

/// Is told how each finished input ends, exactly once, by one of the first three functions. Inputs of a partition that
/// is released before they are committed end without a call.
class TransactionListener {
 public:
  virtual ~TransactionListener() = default;
  /// @param stored what the transaction committed for the input's partition; only with the last input of the partition
  virtual void committed(const FinishedInput& input, std::optional<TransactedOffset> stored) = 0;
  /// One of its outputs will never be accepted unchanged: the input must be handled again.
  virtual void output_failed(Task task, std::error_code code, const std::string& text) = 0;
  /// This worker cannot commit the input any more.
  virtual void uncommitted(FinishedInput input) = 0;

  /// Nothing will be committed any more.
  virtual void failed(const Error& error) = 0;
  /// The same, because of an exception: some inputs will never be reported.
  virtual void broke(const char* what) noexcept = 0;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LISTENER_H_
