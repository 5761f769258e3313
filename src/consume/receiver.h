#ifndef CONVEYOR_SRC_CONSUME_RECEIVER_H_
#define CONVEYOR_SRC_CONSUME_RECEIVER_H_

#include <chrono>
#include <cstddef>
#include <span>

#include "consume/partition.h"

namespace conveyor::worker {

/// Takes records from a GroupMember. Called on the member's thread; must not block, except in release().
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// @param incoming records of one partition, in order; the receiver moves them out
  virtual void receive(std::span<Incoming> incoming) = 0;
  /// No more records of this partition may be begun. @return how many records were discarded before they were begun
  virtual std::size_t drop(const Partition& partition) = 0;
  /// These partitions leave: after the return only the member may commit them.
  /// @param within the time limit
  virtual void release(std::span<const PartitionPtr>, std::chrono::milliseconds /*within*/) {}
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_RECEIVER_H_
