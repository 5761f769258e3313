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
  ReadAhead() = default;
  ~ReadAhead() { clear(); }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  /// The next record, or nothing; errors are records whose error() is set.
  [[nodiscard]] Received next(rd_kafka_queue_t* queue);
  /// Before the queue goes, and when reading goes on elsewhere.
  void clear() noexcept;
  [[nodiscard]] bool empty() const noexcept { return next_ == count_; }

 private:
  static constexpr std::size_t kMostRecords = 64;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 10;

  std::array<rd_kafka_message_t*, kMostRecords> records_ = {};
  std::size_t next_ = 0;
  std::size_t count_ = 0;
  std::size_t at_once_ = 1;  // records of the size of the last ones that make kMostBytes
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_READ_AHEAD_H_
