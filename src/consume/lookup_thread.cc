#include "consume/lookup_thread.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

namespace conveyor::worker {
namespace {

void answer(std::vector<PartitionLookup::Question>& questions, const kafka::PartitionQuestions& cluster,
            std::chrono::milliseconds within) {
  std::vector<kafka::TopicPartition> logs;
  std::vector<kafka::TopicPartition> only_ends;
  std::vector<kafka::TopicPartition> asked;
  for (const auto& question : questions) {
    if (question.log) logs.push_back(question.where);
    if (question.log_end) only_ends.push_back(question.where);
    if (question.committed) asked.push_back(question.where);
  }
  const auto ranges = cluster.log_ranges(logs, within);
  const auto ends = cluster.log_ends(only_ends, within);
  auto range = ranges.begin();
  auto end = ends.begin();
  for (auto& question : questions) {
    if (question.log) question.range = *range++;
    if (question.log_end) question.end = *end++;
  }
  for (const auto& [where, next, metadata] : cluster.committed(asked, within)) {
    for (auto& question : questions) {
      if (question.committed && question.where == where) question.stored = next;
    }
  }
}

}  // namespace

void LookupThread::ask(std::vector<Question> questions, std::chrono::milliseconds within) {
  round_ = std::make_shared<Round>();
  round_->questions = std::move(questions);
  const auto ask = [round = round_, client = client_.get(), wakeup = wakeup_, within] {
    answer(round->questions, *client, within);
    round->answered.store(true, std::memory_order_release);
    wakeup->signal();
  };
  try {
    std::thread(ask).detach();
  } catch (const std::system_error&) {  // no thread can be started: there is no answer, and the question is asked again
    round_->answered.store(true, std::memory_order_release);
  }
}

std::vector<PartitionLookup::Question> LookupThread::take() {
  if (!round_ || !round_->answered.load(std::memory_order_acquire)) return {};
  return std::move(std::exchange(round_, nullptr)->questions);
}

}  // namespace conveyor::worker
