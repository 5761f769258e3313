#include "kafka/start_offset_requests.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <iterator>
#include <thread>
#include <utility>

namespace conveyor::kafka {

struct StartOffsetRequests::Round {
  std::vector<TopicPartition> partitions;
  bool together = false;
  std::vector<FoundStartOffset> answers = {};
  std::atomic<bool> given_up{false};
  std::atomic<bool> answered{false};

  void ask_all(const Ask& ask) {
    std::span<const TopicPartition> left = partitions;
    while (!left.empty() && !given_up) {
      const auto some = left.first(together ? left.size() : 1);
      left = left.subspan(some.size());
      auto found = ask(some);
      if (found.empty()) break;
      std::ranges::move(found, std::back_inserter(answers));
    }
  }
};

void StartOffsetRequests::ask(std::vector<TopicPartition> partitions, bool together, Ask ask) {
  round_ = std::make_shared<Round>();
  round_->partitions = std::move(partitions);
  round_->together = together;
  auto work = [round = round_, ask = std::move(ask), wakeup = wakeup_] {
    try {
      round->ask_all(ask);
    } catch (const std::exception&) {
      // Without memory, for one. What has no answer is asked about again.
    }
    round->answered.store(true, std::memory_order_release);
    if (wakeup) wakeup->signal();
  };
  try {
    std::thread(std::move(work)).detach();
  } catch (const std::exception&) {
    round_->answered = true;  // with nothing: no thread or no memory at present
  }
}

std::optional<std::vector<FoundStartOffset>> StartOffsetRequests::take() {
  if (!round_ || !round_->answered.load(std::memory_order_acquire)) return {};
  return std::move(std::exchange(round_, nullptr)->answers);
}

void StartOffsetRequests::give_up() noexcept {
  if (round_) round_->given_up = true;
  round_.reset();
}

}  // namespace conveyor::kafka
