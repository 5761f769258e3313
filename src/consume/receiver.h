#ifndef CONVEYOR_SRC_CONSUME_RECEIVER_H_
#define CONVEYOR_SRC_CONSUME_RECEIVER_H_

#include <chrono>
#include <cstddef>
#include <span>

#include "consume/partition.h"

namespace conveyor::worker {

/// Takes records from a GroupMember. Called on the member's thread; must not wait, but for release().
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// @param incoming of one partition, in its order; is taken from
  virtual void receive(std::span<Incoming> incoming) = 0;
  /// Nothing more of this partition shall be begun. @return how many records were thrown away unbegun
  virtual std::size_t drop(const Partition& partition) = 0;
  /// These partitions go: from the return on nothing of them may be committed but by the member.
  /// @param within at most so much time
  virtual void release(std::span<const PartitionPtr>, std::chrono::milliseconds /*within*/) {}
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_RECEIVER_H_
