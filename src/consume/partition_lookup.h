#ifndef CONVEYOR_SRC_CONSUME_PARTITION_LOOKUP_H_
#define CONVEYOR_SRC_CONSUME_PARTITION_LOOKUP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "kafka/consumer_client.h"

namespace conveyor::worker {

class Partition;

/// Asks the cluster about partitions without waiting for the answer: brokers may take their time.
///
/// Thread safety: one thread at a time; it may be destroyed while an answer is on its way.
class PartitionLookup {
 public:
  struct Question {
    const Partition* partition = nullptr;  ///< to be recognised; it may be gone when the answer comes
    kafka::TopicPartition where = {};
    bool log = false;        ///< ask for the log's begin and end
    bool log_end = false;    ///< ask only for its end, which takes half the time
    bool committed = false;  ///< ask for the group's offset
    std::chrono::steady_clock::time_point asked_at = {};
    std::optional<kafka::LogRange> range = {};
    std::optional<std::int64_t> end = {};
    std::optional<std::int64_t> stored = {};  ///< what the group said; negative: it has none
  };

  virtual ~PartitionLookup() = default;
  /// One round at a time. The reading thread is woken with the answer.
  /// @param within for what is asked of all logs, and again for all offsets
  virtual void ask(std::vector<Question> questions, std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual bool asking() const noexcept = 0;
  /// The questions with what was answered, once; none while they are asked.
  [[nodiscard]] virtual std::vector<Question> take() = 0;
  /// The answers are not wanted any more.
  virtual void forget() noexcept = 0;
};

/// Makes one; each part of a member that asks has its own.
using MakeLookup = std::function<std::unique_ptr<PartitionLookup>()>;

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_LOOKUP_H_
