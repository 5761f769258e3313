#include "worker/driven/memory_consumer.h"

#include <memory>

namespace conveyor::worker {
namespace {

constexpr std::int64_t kNothingCommitted = -1001;  // RD_KAFKA_OFFSET_INVALID of librdkafka

class MemoryQueue final : public kafka::RecordQueue {
 public:
  explicit MemoryQueue(MemoryCluster::Log& log) : log_(log) {}

  [[nodiscard]] kafka::ConsumedRecord next() override {
    if (log_.unread.empty()) return {};
    kafka::ConsumedRecord record = std::move(log_.unread.front());
    log_.unread.pop_front();
    return record;
  }
  [[nodiscard]] bool empty() const noexcept override { return log_.unread.empty(); }
  void clear() noexcept override { log_.unread.clear(); }

 private:
  MemoryCluster::Log& log_;
};

}  // namespace

void MemoryConsumer::assign(const kafka::TopicPartition& where) {
  if (assigned_.insert({where.topic, where.partition}).second) to_assign_.push_back(where);
}

void MemoryConsumer::serve(Listener& listener) {
  if (to_assign_.empty()) return;
  std::vector<kafka::Assigned> given;
  for (const auto& where : std::exchange(to_assign_, {})) {
    given.push_back({.where = where, .queue = std::make_unique<MemoryQueue>(cluster_.log(where))});
  }
  listener.on_assigned(std::move(given));
}

bool MemoryConsumer::commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining) {
  for (const auto& offset : offsets) cluster_.log(offset.where).committed = offset.next;
  outcome_.emplace().committed.assign(offsets.begin(), offsets.end());
  return true;
}

std::vector<std::optional<kafka::LogRange>> MemoryConsumer::log_ranges(
    std::span<const kafka::TopicPartition> partitions, milliseconds) const {
  std::vector<std::optional<kafka::LogRange>> ranges;
  for (const auto& where : partitions) {
    const auto* const log = cluster_.find(where);
    ranges.push_back(kafka::LogRange{.end = log != nullptr ? log->end : 0});
  }
  return ranges;
}

std::vector<std::optional<std::int64_t>> MemoryConsumer::log_ends(std::span<const kafka::TopicPartition> partitions,
                                                                  milliseconds within) const {
  std::vector<std::optional<std::int64_t>> ends;
  for (const auto& range : log_ranges(partitions, within)) ends.push_back(range->end);
  return ends;
}

std::vector<kafka::OffsetToCommit> MemoryConsumer::committed(std::span<const kafka::TopicPartition> partitions,
                                                             milliseconds) const {
  std::vector<kafka::OffsetToCommit> offsets;
  for (const auto& where : partitions) {
    const auto* const log = cluster_.find(where);
    offsets.push_back({where, log != nullptr ? log->committed.value_or(kNothingCommitted) : kNothingCommitted});
  }
  return offsets;
}

std::vector<PartitionLookup::Question> MemoryLookup::take() {
  for (Question& question : questions_) {
    const auto* const log = cluster_.find(question.where);
    const std::int64_t end = log != nullptr ? log->end : 0;
    if (question.log) question.range = kafka::LogRange{.end = end};
    if (question.log_end) question.end = end;
    if (question.committed)
      question.stored = log != nullptr ? log->committed.value_or(kNothingCommitted) : kNothingCommitted;
  }
  return std::exchange(questions_, {});
}

}  // namespace conveyor::worker
