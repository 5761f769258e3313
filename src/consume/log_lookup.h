#ifndef CONVEYOR_SRC_CONSUME_LOG_LOOKUP_H_
#define CONVEYOR_SRC_CONSUME_LOG_LOOKUP_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kafka/group_consumer.h"
#include "kafka/wakeup.h"

namespace conveyor::worker {

class Partition;

/// Asks the cluster about partitions, on a thread of its own: the brokers may take their time.
///
/// Thread safety: one thread at a time; it may be destroyed while an answer is on its way.
class LogLookup {
 public:
  struct Question {
    const Partition* partition = nullptr;  ///< to be recognised; it may be gone when the answer comes
    kafka::TopicPartition where = {};
    bool log = false;        ///< ask for the log's begin and end
    bool committed = false;  ///< ask for the group's offset
    std::chrono::steady_clock::time_point asked_at = {};
    std::optional<kafka::LogRange> range = {};
    std::optional<std::int64_t> stored = {};  ///< what the group said; negative: it has none
  };

  /// One at a time. @param wakeup is signalled with the answer
  /// @param within for what is asked of all logs, and again for all offsets
  void ask(std::vector<Question> questions, std::shared_ptr<kafka::GroupConsumer> consumer,
           std::shared_ptr<kafka::Wakeup> wakeup, std::chrono::milliseconds within);
  [[nodiscard]] bool asking() const noexcept { return round_ != nullptr; }
  /// The questions with what was answered, once; none while they are asked.
  [[nodiscard]] std::vector<Question> take();
  /// The answers are not wanted any more.
  void forget() noexcept { round_.reset(); }

 private:
  struct Round {
    std::vector<Question> questions;
    std::atomic<bool> answered{false};
  };
  std::shared_ptr<Round> round_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_LOG_LOOKUP_H_
