#include "transactions/transaction_recovery.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <vector>

#include "base/reminder.h"
#include "transactions/transaction_errors.h"

namespace conveyor::worker {
namespace {

constexpr std::chrono::milliseconds kToldWithin{5'000};

std::vector<kafka::TopicPartition> places_of(const FinishedInputs& batch) {
  std::set<const Partition*> partitions;
  for (const auto& input : batch) partitions.insert(input.task.incoming.partition.get());
  std::vector<kafka::TopicPartition> places;
  for (const Partition* partition : partitions) places.push_back(partition->where);
  return places;
}

// @return the committed inputs of the batch; the rest stays in it
FinishedInputs take_committed(FinishedInputs& batch, const std::vector<kafka::OffsetToCommit>& offsets) {
  FinishedInputs done;
  FinishedInputs open;
  for (auto& input : batch) {
    const Incoming& incoming = input.task.incoming;
    const auto found = std::ranges::find(offsets, incoming.partition->where, &kafka::OffsetToCommit::where);
    const bool committed = found != offsets.end() && found->next > incoming.offset;
    (committed ? done : open).push_back(std::move(input));
  }
  batch = std::move(open);
  return done;
}

// Brokers may have committed something of a partition that has left: nothing proves that they did not.
void doubt_released(const FinishedInputs& batch) {
  for (const auto& input : batch) {
    Partition& partition = *input.task.incoming.partition;
    if (partition.released) partition.in_doubt = true;
  }
}

}  // namespace

bool TransactionRecovery::recover(FinishedInputs& batch) {
  if (!replace_client()) return false;
  if (was_asked_to_commit()) {
    if (!leave_out_committed(batch)) return false;
    doubt_released(batch);
  }
  context_.leave_out_released(batch);
  return true;
}

bool TransactionRecovery::replace_client() {
  Backoff backoff;
  while (true) {
    context_.client->destroy();
    context_.client = make_client_();
    const Outcome outcome =
        context_.calls.insist("fencing the previous transaction", [&] { return context_.client->init(kCallSlice); });
    if (outcome.result == Result::kOk) return true;
    if (context_.calls.over()) return false;
    if (is_for_good(outcome.error)) {
      context_.state.dead = true;
      context_.listener.failed(context_.events.cannot_begin(outcome));
      return false;
    }
    context_.events.fencing_failed(outcome.text);
    context_.calls.wait(backoff.next());
  }
}

bool TransactionRecovery::was_asked_to_commit() const {
  const MutexLock lock{context_.state.mutex};
  return context_.state.asked_to_commit;
}

bool TransactionRecovery::leave_out_committed(FinishedInputs& batch) {
  const auto asked = places_of(batch);
  Reminder reminder({}, kSayWhyAgainAfter);
  while (!asked.empty()) {
    if (const auto offsets = context_.group.committed(asked, kToldWithin); offsets.size() == asked.size()) {
      for (const auto& input : take_committed(batch, offsets)) context_.listener.committed(input, {});
      return true;
    }
    if (context_.calls.over()) return false;
    if (reminder.due(context_.clock.now())) context_.events.not_known_whether_committed(batch.size());
    context_.calls.wait(kLongestPatience);
  }
  return true;
}

}  // namespace conveyor::worker
