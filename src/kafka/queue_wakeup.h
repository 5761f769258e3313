#ifndef CONVEYOR_SRC_KAFKA_QUEUE_WAKEUP_H_
#define CONVEYOR_SRC_KAFKA_QUEUE_WAKEUP_H_

#include <cstdint>

#include "kafka/handle.h"
#include "kafka/wakeup.h"

namespace conveyor::kafka {

/// Events that arrive in the queue signal the wakeup, until release().
inline void wake_on(rd_kafka_queue_t* queue, const Wakeup& wakeup) {
  const std::uint64_t one = 1;  // writing to an eventfd takes eight bytes
  rd_kafka_queue_io_event_enable(queue, wakeup.descriptor(), &one, sizeof one);
}

/// Releases the queue, which then wakes nobody any more.
inline void release(Queue& queue) noexcept {
  if (queue) rd_kafka_queue_io_event_enable(queue.get(), -1, nullptr, 0);
  queue.reset();
}

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_QUEUE_WAKEUP_H_
