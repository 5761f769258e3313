#ifndef CONVEYOR_SRC_KAFKA_READ_AHEAD_H_
#define CONVEYOR_SRC_KAFKA_READ_AHEAD_H_

#include <array>
#include <cstddef>

#include "kafka/received.h"

namespace conveyor::kafka {

/// Records of one partition, taken from its queue several at a time: librdkafka's work for one that is asked for alone
/// is a good part of what a small one costs. They were in the client's memory before; what is taken ahead is bounded by
/// their size too, as it no longer counts against what the client fetches.
///
/// Thread safety: one thread at a time.
class ReadAhead {
 public:
  static constexpr std::size_t kMostRecords = 64;

  /// @param most records that one call of the client's takes; see most_at_once()
  explicit ReadAhead(std::size_t most = kMostRecords) : most_(most) {}
  ~ReadAhead() { clear(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The next record, or nothing; errors are records whose error() is set.
  [[nodiscard]] Received next(rd_kafka_queue_t* queue);
  /// Before the queue goes, and when reading goes on elsewhere.
  void clear() noexcept;
  [[nodiscard]] bool empty() const noexcept { return next_ == count_; }
  [[nodiscard]] std::size_t most() const noexcept { return most_; }

  /// How many records may be taken at once. Each step of a cooperative rebalance pauses and resumes the partitions that
  /// a member keeps; before 2.1 librdkafka then destroys what a call has taken so far, and goes on behind it. An eager
  /// rebalance assigns every partition anew, which reads from the committed offset.
  [[nodiscard]] static constexpr std::size_t most_at_once(int librdkafka_version, bool cooperative) noexcept {
    constexpr int kFixedIn = 0x020100ff;  // https://github.com/confluentinc/librdkafka/pull/4208
    return cooperative && librdkafka_version < kFixedIn ? 1 : kMostRecords;
  }

 private:
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10;

  const std::size_t most_;
  std::array<rd_kafka_message_t*, kMostRecords> records_ = {};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::size_t at_once_ = 1;  // records of the size of the last ones that make kMostBytes
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_READ_AHEAD_H_
