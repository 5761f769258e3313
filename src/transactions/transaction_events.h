#ifndef CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_EVENTS_H_
#define CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_EVENTS_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "conveyor/error.h"
#include "kafka/reporter.h"
#include "kafka/transactional_producer.h"
#include "transactions/committable_inputs.h"

namespace conveyor::worker {

/// All texts that an operator reads about transactions: one function for each event, log line and error.
///
/// Thread safety: all functions may be called from any thread.
class TransactionEvents {
 public:
  using Outcome = kafka::TransactionalProducer::Outcome;
  using Result = kafka::TransactionalProducer::Result;

  TransactionEvents(std::shared_ptr<kafka::Reporter> to, std::string id, std::string group)
      : to_(std::move(to)), id_(std::move(id)), group_(std::move(group)) {}

  void done_again(std::size_t inputs, std::string_view why) const;
  /// A call is repeated again and again.
  void takes_long(std::string_view doing, std::string_view why) const;
  void not_known_whether_committed(std::size_t inputs) const;
  /// The inputs cannot be committed at present. @param batch not empty
  void inputs_wait(const FinishedInputs& batch, const Outcome& why) const;
  void fencing_failed(std::string_view why) const;
  void producer_recreated(std::string_view why) const;
  void given_up(std::size_t inputs, std::string_view why) const;

  // Outcomes that the worker finds itself, without a broker.
  [[nodiscard]] static Outcome given_back() { return {Result::kAbort, "a partition was revoked"}; }
  [[nodiscard]] static Outcome topic_recreated() { return {Result::kAbort, "a topic was recreated"}; }
  [[nodiscard]] static Outcome left_group() { return {Result::kAbort, "the consumer has left its group"}; }
  /// The group has not yet told its committed offsets.
  [[nodiscard]] Outcome not_told_yet() const;
  [[nodiscard]] Outcome not_told_in_time() const;

  [[nodiscard]] Error cannot_begin(const Outcome& outcome) const;
  [[nodiscard]] Error not_allowed(std::string_view why) const;
  [[nodiscard]] Error fenced(std::string_view why) const;

 private:
  /// The producer tries again later.
  void waits(std::string_view why) const;

  const std::shared_ptr<kafka::Reporter> to_;
  const std::string id_;
  const std::string group_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_TRANSACTION_EVENTS_H_
