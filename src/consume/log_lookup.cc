#include "consume/log_lookup.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

namespace conveyor::worker {
namespace {

void answer(std::vector<LogLookup::Question>& questions, const kafka::GroupConsumer& consumer,
            std::chrono::milliseconds within) {
  std::vector<kafka::TopicPartition> logs;
  std::vector<kafka::TopicPartition> asked;
  for (const auto& question : questions) {
    if (question.log) logs.push_back(question.where);
    if (question.committed) asked.push_back(question.where);
  }
  const auto ranges = consumer.log_ranges(logs, within);
  auto range = ranges.begin();
  for (auto& question : questions) {
    if (question.log) question.range = *range++;
  }
  for (const auto& [where, next, metadata] : consumer.committed(asked, within)) {
    for (auto& question : questions) {
      if (question.committed && question.where == where) question.stored = next;
    }
  }
}

}  // namespace

void LogLookup::ask(std::vector<Question> questions, std::shared_ptr<kafka::GroupConsumer> consumer,
                    std::shared_ptr<kafka::Wakeup> wakeup, std::chrono::milliseconds within) {
  round_ = std::make_shared<Round>();
  round_->questions = std::move(questions);
  const auto ask = [round = round_, consumer = std::move(consumer), wakeup = std::move(wakeup), within] {
    answer(round->questions, *consumer, within);
    round->answered.store(true, std::memory_order_release);
    wakeup->signal();
  };
  try {
    std::thread(ask).detach();
  } catch (const std::system_error&) {  // no more threads: nobody tells, and it is asked again
    round_->answered.store(true, std::memory_order_release);
  }
}

std::vector<LogLookup::Question> LogLookup::take() {
  if (!round_ || !round_->answered.load(std::memory_order_acquire)) return {};
  return std::move(std::exchange(round_, nullptr)->questions);
}

}  // namespace conveyor::worker
