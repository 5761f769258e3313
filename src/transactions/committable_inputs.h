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

/// An input that was handled, with the outputs that the transaction sends with its offset.
struct FinishedInput {
  Task task;
  std::shared_ptr<Outputs> outputs;  // shared: a Kafka client may read them until it has ended the transaction
};

using FinishedInputs = std::vector<FinishedInput>;

/// Decides which inputs may be in the next transaction: of each partition those before the first unfinished one.
///
/// Pure: no threads, no clock, no broker.
class CommittableInputs {
 public:
  /// A record was begun. @param offset above all earlier ones of its partition
  void begin(const PartitionPtr& partition, std::int64_t offset);
  /// @return the input, if block() has made it impossible to commit
  [[nodiscard]] std::optional<FinishedInput> finish(FinishedInput input);

  /// How many inputs may be taken.
  [[nodiscard]] std::size_t ready() const noexcept { return ready_; }
  [[nodiscard]] bool nothing_else() const noexcept { return begun_ == ready_; }
  /// Takes at most this many inputs, of each partition in the order of its log.
  [[nodiscard]] std::vector<FinishedInput> take(std::size_t most);
  /// These inputs were taken but not committed.
  void put_back(std::vector<FinishedInput> inputs);
  /// Takes a finished input out again, to be handled once more.
  [[nodiscard]] std::optional<Task> reopen(const Partition& partition, std::int64_t offset);

  /// This worker will not finish the record: nothing of the partition from this offset on can be committed.
  /// @return the finished inputs among those
  [[nodiscard]] std::vector<FinishedInput> block(const Partition& partition, std::int64_t offset);
  /// The partitions with begun inputs that were not dropped.
  [[nodiscard]] std::vector<PartitionPtr> partitions() const;
  /// Forgets the partition. @return its inputs that were finished and not taken
  std::vector<FinishedInput> drop(const Partition& partition);

 private:
  struct Log {
    PartitionPtr partition = {};
    std::map<std::int64_t, std::optional<FinishedInput>> inputs = {};  // none: begun, not finished
    std::size_t ready = 0;                                             // how many at the front are ready
    std::int64_t last_ready = 0;                                       // the offset of the last of those
  };
  void count(Log& log);
  void count_again(Log& log);

  std::map<const Partition*, Log> logs_;
  std::size_t begun_ = 0;  // the finished ones included
  std::size_t ready_ = 0;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_TRANSACTIONS_COMMITTABLE_INPUTS_H_
