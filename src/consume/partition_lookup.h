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

/// Asks the cluster about partitions without waiting for the answer, which may take long.
///
/// Thread safety: one thread at a time; the object may be destroyed while an answer is on its way.
class PartitionLookup {
 public:
  struct Question {
    const Partition* partition = nullptr;  ///< to match the answer; never dereferenced, as it may be gone by then
    kafka::TopicPartition where = {};
    bool log = false;        ///< ask where the log begins and ends
    bool log_end = false;    ///< ask only where it ends, which takes half the time
    bool committed = false;  ///< ask for the group's committed offset
    std::chrono::steady_clock::time_point asked_at = {};
    std::optional<kafka::LogRange> range = {};
    std::optional<std::int64_t> end = {};
    std::optional<std::int64_t> stored = {};  ///< the group's committed offset; negative: it has none
  };

  virtual ~PartitionLookup() = default;
  /// Sends the questions; one round at a time. The member's thread is woken when the answer arrives.
  /// @param within the time limit for all log questions, and again for all offset questions
  virtual void ask(std::vector<Question> questions, std::chrono::milliseconds within) = 0;
  [[nodiscard]] virtual bool asking() const noexcept = 0;
  /// The questions with their answers, once; empty while the answers are on their way.
  [[nodiscard]] virtual std::vector<Question> take() = 0;
  /// Discards the answers that are on their way.
  virtual void forget() noexcept = 0;
};

/// Makes a PartitionLookup; each part of a member that asks has its own.
using MakeLookup = std::function<std::unique_ptr<PartitionLookup>()>;

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_LOOKUP_H_
