#ifndef CONVEYOR_SRC_KAFKA_RECORD_QUEUE_H_
#define CONVEYOR_SRC_KAFKA_RECORD_QUEUE_H_

#include "kafka/consumed_record.h"

namespace conveyor::kafka {

/// The records of one assigned partition, in order. The destructor releases the client's queue, which must happen
/// before the client is destroyed.
///
/// Thread safety: one thread at a time.
class RecordQueue {
 public:
  virtual ~RecordQueue() = default;

  /// The next record, or nothing when none is available. Errors are records whose error() is set. Does not wait.
  [[nodiscard]] virtual ConsumedRecord next() = 0;
  /// Whether next() must ask the client, because nothing was taken ahead.
  [[nodiscard]] virtual bool empty() const noexcept = 0;
  /// Drops what was taken ahead, because reading goes on elsewhere.
  virtual void clear() noexcept = 0;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_RECORD_QUEUE_H_
