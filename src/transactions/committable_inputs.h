#ifndef CONVEYOR_SRC_TRANSACTIONS_COMMITTABLE_INPUTS_H_
#define CONVEYOR_SRC_TRANSACTIONS_COMMITTABLE_INPUTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "kafka/producer_record.h"
#include "transactions/task.h"

namespace conveyor::worker {

using Outputs = std::vector<kafka::ProducerRecord::Ptr>;

/// An input that is handled, and what is to be sent for it in the transaction that commits it.
struct FinishedInput {
  Task task;
  std::shared_ptr<Outputs> outputs;  // shared: a Kafka client may read them until it has ended the transaction
};

using FinishedInputs = std::vector<FinishedInput>;

/// Which inputs may be in the next transaction: of each partition, those below which everything begun is finished.
///
/// A decision without threads, clock or broker.
class CommittableInputs {
 public:
  /// A record was read. @param offset above all of its partition before
  void begin(const PartitionPtr& partition, std::int64_t offset);
  /// @return the input when it can never be committed, because of block()
  [[nodiscard]] std::optional<FinishedInput> finish(FinishedInput input);

  /// How many may be taken, and whether nothing else is begun.
  [[nodiscard]] std::size_t ready() const noexcept { return ready_; }
  [[nodiscard]] bool nothing_else() const noexcept { return begun_ == ready_; }
  /// At most so many, of each partition in the order of its log.
  [[nodiscard]] std::vector<FinishedInput> take(std::size_t most);
  /// They were taken, and not committed.
  void put_back(std::vector<FinishedInput> inputs);
  /// A finished input that was put back is to be handled again.
  [[nodiscard]] std::optional<Task> reopen(const Partition& partition, std::int64_t offset);

  /// The record will not be finished by us: nothing of the partition from it on can be committed.
  /// @return the finished ones among those
  [[nodiscard]] std::vector<FinishedInput> block(const Partition& partition, std::int64_t offset);
  /// Of which something was begun, and that were not dropped.
  [[nodiscard]] std::vector<PartitionPtr> partitions() const;
  /// Forgets the partition. @return what was finished and not taken
  std::vector<FinishedInput> drop(const Partition& partition);

 private:
  struct Log {
    PartitionPtr partition = {};
    std::map<std::int64_t, std::optional<FinishedInput>> inputs = {};  // none: begun
    std::size_t ready = 0;                                             // at the front
    std::int64_t last_ready = 0;                                       // the offset of the last of those, if any
  };
  void count(Log& log);
  void count_again(Log& log);

  std::map<const Partition*, Log> logs_;
  std::size_t begun_ = 0;  // finished ones included
  std::size_t ready_ = 0;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_COMMITTABLE_INPUTS_H_
