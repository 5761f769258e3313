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

/// What the threads that send share with the one that takes the reports.
struct ProducerState {
  explicit ProducerState(const SendRegistry::Bounds& bounds) : registry(bounds) {}

  Mutex mutex;
  std::condition_variable changed;  ///< there is room, something is resolved, or nothing is accepted any more
  SendRegistry registry CONVEYOR_GUARDED_BY(mutex);
  /// The client in use, replaced by the delivery thread alone, which therefore reads it without the mutex too.
  std::unique_ptr<SharedHandle> handle CONVEYOR_GUARDED_BY(mutex);
  bool recovering CONVEYOR_GUARDED_BY(mutex) = false;  ///< the client has failed: new sends wait in the registry
  Refusal no_more CONVEYOR_GUARDED_BY(mutex);          ///< with a code: why nothing is accepted any more
  /// Makes the room that a full queue waits for, and so must not wait itself.
  std::thread::id delivery_thread CONVEYOR_GUARDED_BY(mutex);
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_PRODUCE_PRODUCER_STATE_H_
