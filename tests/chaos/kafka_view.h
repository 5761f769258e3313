#ifndef CONVEYOR_TESTS_CHAOS_KAFKA_VIEW_H_
#define CONVEYOR_TESTS_CHAOS_KAFKA_VIEW_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "chaos/tally.h"

struct rd_kafka_s;

namespace conveyor::tests {

struct DestroyPlainConsumer {
  void operator()(rd_kafka_s* client) const noexcept;
};
using PlainConsumer = std::unique_ptr<rd_kafka_s, DestroyPlainConsumer>;

/// Reads a topic of answers from its start, as a plain librdkafka consumer that sees only what was committed
/// (isolation.level=read_committed), on a thread of its own.
///
/// Thread safety: all functions but finish() may be called from any thread.
class OutputLog {
 public:
  /// @throws std::runtime_error
  OutputLog(const std::string& bootstrap, const std::string& topic, int partitions);
  ~OutputLog();
  OutputLog(const OutputLog&) = delete;
  OutputLog& operator=(const OutputLog&) = delete;

  [[nodiscard]] int different() const { return different_; }
  /// Waits until so many different messages are answered. @return whether they were in time
  [[nodiscard]] bool wait_for(int different, std::chrono::milliseconds within) const;

  /// Once nobody writes any more: reads to the end of every partition.
  /// @throws std::runtime_error when the end is not reached in time
  [[nodiscard]] const Tally& finish(std::chrono::milliseconds within);

 private:
  void read(const std::stop_token& stop);

  const std::string topic_;
  PlainConsumer client_;
  std::mutex mutex_;
  Tally tally_;
  std::vector<std::int64_t> reached_;  // by partition
  std::atomic<int> different_{0};
  std::jthread thread_;
};

/// What a group has committed.
///
/// Thread safety: one thread at a time.
class CommittedOffsets {
 public:
  /// @throws std::runtime_error
  CommittedOffsets(const std::string& bootstrap, const std::string& group, std::string topic, int partitions);
  /// By partition; -1 where nothing is committed. @throws std::runtime_error
  [[nodiscard]] std::vector<std::int64_t> read();

 private:
  const std::string topic_;
  const int partitions_;
  PlainConsumer client_;
};

/// How many records a topic holds, written by no transaction. @throws std::runtime_error
[[nodiscard]] std::int64_t records_in(const std::string& bootstrap, const std::string& topic, int partitions);

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_CHAOS_KAFKA_VIEW_H_
