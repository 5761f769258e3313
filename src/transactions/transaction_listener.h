#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LISTENER_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LISTENER_H_

#include <optional>
#include <string>
#include <system_error>

#include "consume/completions.h"
#include "conveyor/error.h"
#include "transactions/committable_inputs.h"

namespace conveyor::worker {

/// Is told how each finished input ends: in one of the first three ways, once. Those of a partition that was released
/// before they were committed end there, without a word.
class TransactionListener {
 public:
  virtual ~TransactionListener() = default;
  /// @param stored what its transaction committed of its partition, if it is the partition's last input in there
  virtual void committed(const FinishedInput& input, std::optional<TransactedOffset> stored) = 0;
  /// One of its outputs will never be accepted as it is: the input is to be handled again.
  virtual void output_failed(Task task, std::error_code code, const std::string& text) = 0;
  /// It cannot be committed by us any more.
  virtual void uncommitted(FinishedInput input) = 0;

  /// Nothing will be committed any more.
  virtual void failed(const Error& error) = 0;
  /// The same, by an exception: some of the inputs will not be heard of again.
  virtual void broke(const char* what) noexcept = 0;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_LISTENER_H_
