#include "transactions/transaction_events.h"

#include <fmt/format.h>

#include "kafka/errors.h"

namespace conveyor::worker {

void TransactionEvents::done_again(std::size_t inputs, std::string_view why) const {
  to_->log(Severity::kWarning, "conveyor", fmt::format("a transaction of {} inputs is repeated: {}", inputs, why));
}

void TransactionEvents::waits(std::string_view why) const {
  const std::string text = fmt::format("the transactional producer \"{}\" waits and tries again: {}", id_, why);
  to_->report({.kind = Event::Kind::kClientError, .error = errc::retryable, .text = text}, Severity::kWarning);
}

void TransactionEvents::takes_long(std::string_view doing, std::string_view why) const {
  waits(fmt::format("{} takes long: {}", doing, why));
}

void TransactionEvents::not_known_whether_committed(std::size_t inputs) const {
  waits(
      fmt::format("it is not known whether a transaction of {} inputs was committed: the coordinator of group {} does "
                  "not tell the committed offsets, or another transaction of the group is still open",
                  inputs, group_));
}

void TransactionEvents::inputs_wait(const FinishedInputs& batch, const Outcome& why) const {
  const Incoming& first = batch.front().task.incoming;
  const std::string text =
      fmt::format("{} inputs wait, and nothing after them is committed: {}", batch.size(), why.text);
  to_->report({.kind = Event::Kind::kOutputFailed,
               .topic = first.partition->where.topic,
               .partition = first.partition->where.partition,
               .offset = first.offset,
               .error = kafka::errc_of(why.error, errc::retryable),
               .text = text},
              Severity::kError);
}

void TransactionEvents::fencing_failed(std::string_view why) const { to_->log(Severity::kWarning, "conveyor", why); }

void TransactionEvents::producer_recreated(std::string_view why) const {
  const std::string text = fmt::format("the transactional producer \"{}\" was recreated: {}", id_, why);
  to_->report({.kind = Event::Kind::kRecovered, .text = text}, Severity::kWarning);
}

void TransactionEvents::given_up(std::size_t inputs, std::string_view why) const {
  to_->log(Severity::kWarning, "conveyor",
           fmt::format("{} handled inputs were not committed and are handled again: {}", inputs, why));
}

TransactionEvents::Outcome TransactionEvents::not_told_yet() const {
  return {Result::kAgain,
          fmt::format("the coordinator of group {} did not tell the committed offsets in time", group_)};
}

TransactionEvents::Outcome TransactionEvents::not_told_in_time() const {
  return {Result::kAbort,
          fmt::format("the coordinator of group {} did not tell the committed offsets in time", group_)};
}

Error TransactionEvents::cannot_begin(const Outcome& outcome) const {
  return {kafka::errc_of(outcome.error, errc::fatal),
          fmt::format("transactions as \"{}\" cannot be begun: {}", id_, outcome.text)};
}

// As for every other right that is missing when the worker starts.
Error TransactionEvents::not_allowed(std::string_view why) const {
  return {errc::not_authorized, fmt::format("transactions as \"{}\" are not allowed: {}; check the rights of this user "
                                            "to write the topics of its outputs",
                                            id_, why)};
}

Error TransactionEvents::fenced(std::string_view why) const {
  return {errc::fatal, fmt::format("another worker now uses the transactional id \"{}\"; give each worker its own "
                                   "ExactlyOnceOptions::instance ({})",
                                   id_, why)};
}

}  // namespace conveyor::worker
