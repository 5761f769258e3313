#ifndef CONVEYOR_SRC_PRODUCE_PRODUCER_STATE_H_
#define CONVEYOR_SRC_PRODUCE_PRODUCER_STATE_H_

#include <condition_variable>
#include <memory>
#include <thread>

#include "base/thread_annotations.h"
#include "kafka/producer_record.h"
#include "produce/send_registry.h"
#include "produce/shared_handle.h"

namespace conveyor::kafka {

/// What the sending threads share with the delivery thread.
struct ProducerState {
  explicit ProducerState(const SendRegistry::Bounds& bounds) : registry(bounds) {}

  Mutex mutex;
  std::condition_variable changed;  ///< there is room, a send was resolved, or sends are refused from now on
  SendRegistry registry CONVEYOR_GUARDED_BY(mutex);
  /// The present client. Only the delivery thread replaces it, and therefore reads it without the mutex.
  std::unique_ptr<SharedHandle> handle CONVEYOR_GUARDED_BY(mutex);
  bool recovering CONVEYOR_GUARDED_BY(mutex) = false;  ///< the client has failed: new sends wait in the registry
  Refusal no_more CONVEYOR_GUARDED_BY(mutex);          ///< if it has a code: why all sends are refused from now on
  /// This thread makes room in a full queue, so it must not wait for room.
  std::thread::id delivery_thread CONVEYOR_GUARDED_BY(mutex);
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_STATE_H_
