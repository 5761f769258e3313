#include "kafka/place_questions.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <thread>
#include <utility>

namespace conveyor::kafka {

struct PlaceQuestions::Round {
  std::vector<TopicPartition> partitions;
  bool together = false;
  std::vector<FoundPlace> answers = {};
  std::atomic<bool> given_up{false};
  std::atomic<bool> answered{false};
};

void PlaceQuestions::ask(std::vector<TopicPartition> partitions, bool together, Ask ask) {
  round_ = std::make_shared<Round>();
  round_->partitions = std::move(partitions);
  round_->together = together;
  std::thread([round = round_, ask = std::move(ask), wakeup = wakeup_] {
    std::span<const TopicPartition> left = round->partitions;
    while (!left.empty() && !round->given_up) {
      const auto some = left.first(round->together ? left.size() : 1);
      left = left.subspan(some.size());
      auto found = ask(some);
      if (found.empty()) break;
      std::ranges::move(found, std::back_inserter(round->answers));
    }
    round->answered.store(true, std::memory_order_release);
    if (wakeup) wakeup->signal();
  }).detach();
}

std::optional<std::vector<FoundPlace>> PlaceQuestions::take() {
  if (!round_ || !round_->answered.load(std::memory_order_acquire)) return {};
  return std::move(std::exchange(round_, nullptr)->answers);
}

void PlaceQuestions::give_up() noexcept {
  if (round_) round_->given_up = true;
  round_.reset();
}

}  // namespace conveyor::kafka
