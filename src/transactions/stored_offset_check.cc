#include "transactions/stored_offset_check.h"

#include <algorithm>
#include <utility>

#include "transactions/offset_question.h"

namespace conveyor::worker {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kKnownFor{1'000};  // README.md states this time

}  // namespace

StoredOffsetCheck::Outcome StoredOffsetCheck::ask_first(const FinishedInputs& batch,
                                                        const std::vector<TransactionOffset>& offsets) {
  const auto committed = partitions_of(offsets);
  const auto asked = partitions_to_ask_about(committed, partitions_begun(), context_.clock.now());
  known_at_ = context_.clock.now();
  if (asked.empty()) return {};
  AnswerLimit limit;
  return context_.calls.insist("reading the group's committed offsets", [&]() -> Outcome {
    if (any_released(batch)) return TransactionEvents::given_back();
    return ask_until_told(committed, asked, limit);
  });
}

StoredOffsetCheck::Outcome StoredOffsetCheck::ask_again_if_old(const std::vector<TransactionOffset>& offsets) {
  if (context_.clock.now() - known_at_ < kKnownFor) return {};
  const auto committed = partitions_of(offsets);
  const auto asked = partitions_to_ask_about(committed, {}, context_.clock.now());
  if (asked.empty()) return {};
  const auto within = std::min<milliseconds>(context_.options.transaction_timeout / 4, AnswerLimit::kLongest);
  Answer answer = ask(committed, asked, within);
  if (answer.outcome.result != Result::kOk || answer.all_told) return std::move(answer.outcome);
  return context_.events.not_told_in_time();
}

StoredOffsetCheck::Outcome StoredOffsetCheck::ask_until_told(Partitions committed, Partitions asked,
                                                             AnswerLimit& limit) {
  const auto asked_at = context_.clock.now();
  Answer answer = ask(committed, asked, limit.within());
  if (answer.outcome.result != Result::kOk) return std::move(answer.outcome);
  const auto now = context_.clock.now();
  // when AnswerLimit permits it without an answer, the time counts from then
  known_at_ = answer.all_told ? asked_at : now;
  if (limit.answered(answer.all_told, asked_at, now)) return {};
  return context_.events.not_told_yet();
}

StoredOffsetCheck::Answer StoredOffsetCheck::ask(Partitions committed, Partitions asked, milliseconds within) {
  const auto asked_at = context_.clock.now();
  std::vector<kafka::TopicPartition> places;
  for (const auto& partition : asked) places.push_back(partition->where);
  const auto told = context_.group.committed(places, within);
  for (const auto& stored : told) {
    const auto& each = *std::ranges::find(asked, stored.where, [](const auto& partition) { return partition->where; });
    if (stored.next >= 0) {
      each->stored_offset.found(asked_at);
      continue;
    }
    each->stored_offset.dropped();
    context_.group.dropped(*each);
  }
  if (std::ranges::any_of(committed, [](const auto& each) { return each->stored_offset.is_dropped(); })) {
    return {.outcome = TransactionEvents::topic_recreated()};
  }
  const bool all_told = std::ranges::all_of(committed, [&](const PartitionPtr& each) {
    return std::ranges::find(asked, each) == asked.end() ||
           std::ranges::find(told, each->where, &kafka::OffsetToCommit::where) != told.end();
  });
  return {.all_told = all_told};
}

std::vector<PartitionPtr> StoredOffsetCheck::partitions_begun() const {
  const MutexLock lock{context_.state.mutex};
  return context_.state.batcher.partitions();
}

}  // namespace conveyor::worker
