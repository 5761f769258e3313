#include "support/fake_consumer_client.h"

#include <algorithm>

namespace conveyor::tests {

/// One partition's records, as long as it is assigned.
class FakeConsumerClient::Queue final : public kafka::RecordQueue {
 public:
  explicit Queue(std::shared_ptr<Records> records) : records_(std::move(records)) {}

  [[nodiscard]] kafka::ConsumedRecord next() override {
    if (records_->empty()) return {};
    kafka::ConsumedRecord record = std::move(records_->front());
    records_->pop_front();
    return record;
  }
  [[nodiscard]] bool empty() const noexcept override { return records_->empty(); }
  void clear() noexcept override { records_->clear(); }

 private:
  const std::shared_ptr<Records> records_;
};

std::shared_ptr<FakeConsumerClient::Records> FakeConsumerClient::queue_of(std::int32_t partition) {
  auto& queue = queues_[partition];
  if (!queue) queue = std::make_shared<Records>();
  return queue;
}

void FakeConsumerClient::assign(std::vector<std::pair<std::int32_t, kafka::StartOffset>> partitions) {
  tell([this, partitions = std::move(partitions)](Listener& listener) {
    std::vector<kafka::Assigned> given;
    for (const auto& [number, start_offset] : partitions) {
      given.push_back({partition_of(number), start_offset, std::make_unique<Queue>(queue_of(number))});
    }
    listener.on_assigned(std::move(given));
  });
}

void FakeConsumerClient::revoke(std::vector<std::int32_t> partitions, bool lost) {
  tell([this, partitions = std::move(partitions), lost](Listener& listener) {
    std::vector<kafka::TopicPartition> gone;
    for (const std::int32_t number : partitions) gone.push_back(partition_of(number));
    is_lost = lost;
    listener.on_revoked(gone, lost);
    for (const std::int32_t number : partitions) queues_.erase(number);
  });
}

void FakeConsumerClient::error(rd_kafka_resp_err_t code, std::string text, std::string topic) {
  tell([code, text = std::move(text), topic = std::move(topic)](Listener& listener) {
    listener.on_error(code, text, topic);
  });
}

void FakeConsumerClient::records(std::int32_t partition, std::int64_t first, std::int64_t end, std::size_t bytes) {
  for (std::int64_t offset = first; offset < end; ++offset) {
    const std::string value(bytes, 'v');
    queue_of(partition)->push_back(
        kafka::ConsumedRecord::made_from(Record{.partition = partition, .offset = offset}, value));
  }
}

void FakeConsumerClient::among_records(std::int32_t partition, rd_kafka_resp_err_t code, std::int64_t offset,
                                       std::string_view text) {
  queue_of(partition)->push_back(kafka::ConsumedRecord::made_from(code, partition, offset, text));
}

std::vector<std::int64_t> FakeConsumerClient::committed_offsets(std::int32_t partition) const {
  std::vector<std::int64_t> offsets;
  for (const Commit& commit : commits) {
    for (const auto& offset : commit.offsets) {
      if (offset.where.partition == partition) offsets.push_back(offset.next);
    }
  }
  return offsets;
}

void FakeConsumerClient::serve(Listener& listener) {
  while (!events_.empty()) {
    const auto event = std::move(events_.front());
    events_.pop_front();
    event(listener);
  }
}

bool FakeConsumerClient::commit(std::span<const kafka::OffsetToCommit> offsets, WhileJoining while_joining) {
  if (has_failed || (is_joining && while_joining == WhileJoining::kDoNot)) return false;
  commits.push_back({{offsets.begin(), offsets.end()}, while_joining});
  CommitAnswer answer;
  if (!commit_answers.empty()) {
    answer = std::move(commit_answers.front());
    commit_answers.pop_front();
  }
  if (answer.stores) {
    answer.outcome.committed = commits.back().offsets;
    for (const auto& offset : offsets) cluster_.logs[offset.where.partition].committed = offset.next;
  }
  in_flight_ = {std::move(answer.outcome), clock_.now() + answer.after};
  return true;
}

std::optional<kafka::CommitOutcome> FakeConsumerClient::poll_commit(milliseconds within) {
  if (!in_flight_) return {};
  const bool comes = !commits_are_held && in_flight_->answered_at <= clock_.now() + within;
  const auto until = comes ? std::max(in_flight_->answered_at, clock_.now()) : clock_.now() + within;
  clock_.advance(std::chrono::ceil<milliseconds>(until - clock_.now()));
  if (!comes) return {};
  return std::exchange(in_flight_, std::nullopt)->outcome;
}

std::vector<std::optional<kafka::LogRange>> FakeConsumerClient::log_ranges(
    std::span<const kafka::TopicPartition> partitions, milliseconds) const {
  std::vector<std::optional<kafka::LogRange>> ranges;
  for (const auto& where : partitions) {
    const auto found = cluster_.logs.find(where.partition);
    ranges.push_back(found != cluster_.logs.end() && found->second.answers ? std::optional(found->second.range)
                                                                           : std::nullopt);
  }
  return ranges;
}

std::vector<std::optional<std::int64_t>> FakeConsumerClient::log_ends(std::span<const kafka::TopicPartition> partitions,
                                                                      milliseconds within) const {
  std::vector<std::optional<std::int64_t>> ends;
  for (const auto& range : log_ranges(partitions, within)) {
    ends.push_back(range ? std::optional(range->end) : std::nullopt);
  }
  return ends;
}

std::vector<kafka::OffsetToCommit> FakeConsumerClient::committed(std::span<const kafka::TopicPartition> partitions,
                                                                 milliseconds) const {
  std::vector<kafka::OffsetToCommit> offsets;
  for (const auto& where : partitions) {
    const auto found = cluster_.logs.find(where.partition);
    if (found != cluster_.logs.end() && found->second.answers) {
      offsets.push_back({where, found->second.committed.value_or(-1001)});
    }
  }
  return offsets;
}

std::int64_t FakeConsumerClient::known_log_start(const kafka::TopicPartition& where) const {
  const auto found = log_starts.find(where.partition);
  return found != log_starts.end() ? found->second : -1;
}

std::int64_t FakeConsumerClient::passed(const kafka::TopicPartition& where) const {
  const auto found = passed_to.find(where.partition);
  return found != passed_to.end() ? found->second : -1;
}

void FakeConsumerClient::seek(const kafka::TopicPartition& where, std::int64_t offset) {
  seeks.emplace_back(where.partition, offset);
}

bool FakeConsumerClient::leave(milliseconds within) {
  ++left;
  if (!leaves_in_time) clock_.advance(within);
  return leaves_in_time;
}

rd_kafka_resp_err_t FakeConsumerClient::ask_for_topic(const std::string& topic, milliseconds) {
  topics_asked.push_back(topic);
  const auto found = cluster_.topics.find(topic);
  return found != cluster_.topics.end() ? found->second : RD_KAFKA_RESP_ERR_NO_ERROR;
}

void FakeLookup::ask(std::vector<Question> questions, std::chrono::milliseconds within) {
  questions_ = std::move(questions);
  within_ = within;
  asking_ = true;
  ++rounds_;
  const bool all_answer = std::ranges::all_of(questions_, [&](const Question& question) {
    const auto found = cluster_.logs.find(question.where.partition);
    return found == cluster_.logs.end() || found->second.answers;
  });
  const auto after = all_answer ? std::min(cluster_.answers_after, within) : within;
  answered_at_ = clock_.now() + after;
  clock_.in(after);
}

std::vector<worker::PartitionLookup::Question> FakeLookup::take() {
  if (!asking_ || clock_.now() < answered_at_) return {};
  const auto hangs = [&](const Question& question) {
    const auto found = cluster_.logs.find(question.where.partition);
    return found != cluster_.logs.end() && found->second.hangs;
  };
  if (std::ranges::any_of(questions_, hangs)) return {};
  asking_ = false;
  for (Question& question : questions_) {
    const auto found = cluster_.logs.find(question.where.partition);
    if (found == cluster_.logs.end() || !found->second.answers) continue;
    if (question.log) question.range = found->second.range;
    if (question.log_end) question.end = found->second.range.end;
    if (question.committed) question.stored = found->second.committed.value_or(-1001);
  }
  return std::exchange(questions_, {});
}

}  // namespace conveyor::tests
