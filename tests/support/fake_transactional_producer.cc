#include "support/fake_transactional_producer.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace conveyor::tests {

using Result = kafka::TransactionalProducer::Result;
using Step = TransactionStep;

constexpr std::size_t kMostCalls = 20'000;

std::unique_ptr<kafka::TransactionalProducer> FakeTransactionBrokers::make() {
  if (make_failures > 0) {
    --make_failures;
    throw std::runtime_error("no client today");
  }
  ++clients;
  return std::make_unique<FakeTransactionalProducer>(*this);
}

int FakeTransactionBrokers::called(Step step) const { return static_cast<int>(std::ranges::count(calls, step)); }

void FakeTransactionBrokers::commit_open() {
  for (const auto& each : open_->offsets) {
    const std::int32_t number = each.where.partition;
    if (left.contains(number)) wrong.push_back(fmt::format("partition {} was committed after it had left", number));
    const auto before = committed.find(number);
    if (before != committed.end() && before->second >= each.next) {
      wrong.push_back(fmt::format("partition {}: {} was committed after {}", number, each.next, before->second));
    }
    committed[number] = each.next;
    metadata.push_back(each.metadata);
  }
  for (const int output : open_->outputs) {
    if (std::ranges::find(visible, output) != visible.end()) {
      wrong.push_back(fmt::format("output {} was committed twice", output));
    }
    visible.push_back(output);
  }
  transactions.push_back(open_->outputs.size());
  open_.reset();
}

FakeTransactionBrokers::Answer FakeTransactionalProducer::ask(Step step) {
  brokers_.calls.push_back(step);
  if (brokers_.calls.size() > kMostCalls) throw std::logic_error("this would go on for ever");
  if (brokers_.on_call) brokers_.on_call(step);
  auto& answers = brokers_.answers[step];
  if (answers.empty()) return {.done = true};
  const auto answer = answers.front();
  answers.pop_front();
  brokers_.clock.advance(answer.takes);
  if (answer.outputs_refused) static_cast<void>(refuse());
  return {.outcome = answer.outcome, .done = answer.done || answer.outcome.result == Result::kOk};
}

FakeTransactionalProducer::Outcome FakeTransactionalProducer::init(std::chrono::milliseconds /*within*/) {
  const auto answer = ask(Step::kInit);
  if (answer.done) brokers_.open_.reset();  // of whoever had the id before
  return answer.outcome;
}

FakeTransactionalProducer::Outcome FakeTransactionalProducer::begin() {
  const auto answer = ask(Step::kBegin);
  if (!answer.done) return answer.outcome;
  if (brokers_.open_) brokers_.wrong.emplace_back("a transaction was begun while another one was open");
  brokers_.open_ = {.client = number_};
  ended_ = false;
  produced_.clear();
  return answer.outcome;
}

FakeTransactionalProducer::Outcome FakeTransactionalProducer::produce(kafka::ProducerRecord& send) {
  const auto answer = ask(Step::kProduce);
  if (!answer.done) return answer.outcome;
  if (!is_open()) brokers_.wrong.emplace_back("an output was sent without a transaction");
  if (kept_.empty()) brokers_.wrong.emplace_back("an output was sent that nobody keeps for the client");
  if (is_open()) brokers_.open_->outputs.push_back(number_of(send));
  produced_.push_back(&send);
  return answer.outcome;
}

FakeTransactionalProducer::Outcome FakeTransactionalProducer::send_offsets(
    std::span<const kafka::OffsetToCommit> offsets, const rd_kafka_consumer_group_metadata_t* group,
    std::chrono::milliseconds /*within*/) {
  const auto answer = ask(Step::kSendOffsets);
  if (group == nullptr) brokers_.wrong.emplace_back("offsets were committed for no group");
  if (!answer.done) return answer.outcome;
  if (!is_open()) brokers_.wrong.emplace_back("offsets were sent without a transaction");
  if (is_open()) brokers_.open_->offsets.assign(offsets.begin(), offsets.end());
  return answer.outcome;
}

FakeTransactionalProducer::Outcome FakeTransactionalProducer::refuse() {
  for (const auto* send : produced_) {
    failed_.push_back({.send = send, .code = errc::message_too_large, .text = "the brokers do not take it"});
  }
  return {Result::kAbort, "an output was refused", RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE};
}

FakeTransactionalProducer::Outcome FakeTransactionalProducer::commit(std::chrono::milliseconds /*within*/) {
  const auto answer = ask(Step::kCommit);
  if (!answer.done) return answer.outcome;
  if (is_open()) {
    if (std::ranges::any_of(brokers_.open_->outputs, [&](int output) { return brokers_.refused.contains(output); })) {
      return refuse();
    }
    brokers_.commit_open();
    ended_ = true;
  } else if (!ended_) {
    brokers_.wrong.emplace_back("nothing was open that could be committed");
  }
  if (answer.outcome.result == Result::kOk) kept_.clear();
  return answer.outcome;
}

FakeTransactionalProducer::Outcome FakeTransactionalProducer::abort(std::chrono::milliseconds /*within*/) {
  const auto answer = ask(Step::kAbort);
  if (!answer.done) return answer.outcome;
  if (ended_) brokers_.wrong.emplace_back("what was committed was aborted");
  if (is_open()) brokers_.open_.reset();
  kept_.clear();
  return answer.outcome;
}

kafka::GroupMetadata FakeGroupOffsets::metadata() const {
  return has_left ? nullptr : kafka::GroupMetadata{rd_kafka_consumer_group_metadata_new("readers")};
}

std::vector<kafka::OffsetToCommit> FakeGroupOffsets::committed(std::span<const kafka::TopicPartition> partitions,
                                                               std::chrono::milliseconds within) const {
  auto& asked = questions.emplace_back();
  for (const auto& each : partitions) asked.push_back(each.partition);
  const bool late = silent || answers_after > within;
  brokers_.clock.advance(late ? within : answers_after);
  std::vector<kafka::OffsetToCommit> told;
  if (late) return told;
  for (const auto& each : partitions) {
    if (untold.contains(each.partition)) continue;
    const auto found = brokers_.committed.find(each.partition);
    const bool none = found == brokers_.committed.end() || forgotten.contains(each.partition);
    told.push_back({.where = each, .next = none ? RD_KAFKA_OFFSET_INVALID : found->second});
  }
  return told;
}

void FakeGroupOffsets::dropped(worker::Partition& partition) {
  dropped_partitions.push_back(partition.where.partition);
  if (on_dropped) on_dropped(partition);
}

}  // namespace conveyor::tests
