#ifndef CONVEYOR_SRC_CONSUME_PARTITION_H_
#define CONVEYOR_SRC_CONSUME_PARTITION_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>

#include "consume/log_watch.h"
#include "consume/offset_tracker.h"
#include "consume/partition_attempts.h"
#include "consume/retention_watch.h"
#include "consume/stored_offset_watch.h"
#include "kafka/consumer_client.h"

namespace conveyor::worker {

/// One assignment of one partition to this member. Taken away, it is never used again: when the same partition comes
/// back it is another object, so that what was finished late for an old assignment cannot be committed for the new one.
class Partition {
 public:
  enum class State {
    kActive,    ///< its records are read and begun
    kRevoking,  ///< nothing more of it is begun; what was begun is waited for and committed
    kRevoked,   ///< it was given back: nothing of it is committed any more
    kLost,      ///< it was taken away: the same
  };

  /// @param reads_by lives until the last of its records is gone
  Partition(kafka::TopicPartition at, OffsetTracker offsets, std::unique_ptr<kafka::RecordQueue> records,
            std::shared_ptr<kafka::ConsumerClient> reads_by = {})
      : where(at), client(std::move(reads_by)), queue(std::move(records)), tracker(std::move(offsets)) {}

  const kafka::TopicPartition where;
  const std::shared_ptr<kafka::ConsumerClient> client;

  // Of any thread.
  [[nodiscard]] State state() const noexcept { return state_.load(std::memory_order_acquire); }
  /// Nothing more of it shall be begun.
  [[nodiscard]] bool leaving() const noexcept { return state() != State::kActive; }
  /// What is finished of it may be committed.
  [[nodiscard]] bool is_ours() const noexcept { return state() == State::kActive || state() == State::kRevoking; }
  std::stop_source gone;  // stopped when handlers shall give up
  // Of a worker that transacts.
  std::atomic<bool> released{false};  // no transaction shall commit anything of it
  std::atomic<bool> in_doubt{false};  // a transaction may or may not have
  std::int32_t topic_began_with = 0;  // see CommitMetadata; as it was found
  // The group has no offset of it any more, although it had one: see LogWatch.
  std::atomic<bool> dropped_by_group{false};
  StoredOffsetWatch stored_offset;  // used by the thread that transacts alone

  // Of the reading thread alone.
  /// States only go on: what was given back does not come back.
  void become(State state) noexcept {
    if (state > this->state()) state_ = state;
  }
  [[nodiscard]] std::size_t begun() const noexcept { return tracker.in_flight() - dropped; }
  /// Nothing of it is in hand or read: it waits for nothing but records.
  [[nodiscard]] bool waits_for_records() const noexcept {
    return tracker.in_flight() == 0 && !held && (!queue || queue->empty()) && !log.doubts();
  }

  std::unique_ptr<kafka::RecordQueue> queue;
  OffsetTracker tracker;
  std::optional<std::int64_t> began_at = {};  // where reading began although nothing was committed, if that is known
  LogWatch log;                               // its log is still the one that was read
  RetentionWatch retention;
  std::optional<PartitionAttempts> attempts = {};         // none: nobody watches for records that kill
  kafka::ConsumedRecord held = {};                        // read, and not begun before a commit allows it
  std::optional<CommitMetadata> metadata_in_flight = {};  // of the commit that is not answered yet
  bool keep_start = false;  // where it began is to be committed before a record is handled
  bool committing = false;  // in the commit that is not answered yet
  std::size_t bytes_in_flight = 0;
  std::size_t dropped = 0;  // of those in flight: thrown away unbegun, will never finish

 private:
  std::atomic<State> state_{State::kActive};
};

using PartitionPtr = std::shared_ptr<Partition>;

/// A record on its way to whoever handles it.
struct Incoming {
  PartitionPtr partition;  // goes after the record, whose client it keeps
  kafka::ConsumedRecord record;
  std::int64_t offset = -1;
  std::size_t bytes = 0;  // of key and value
  int deaths = 0;         // it is not to be handled: the process died on it so often
};

/// What finishing a record needs to know once its bytes are gone.
struct Receipt {
  PartitionPtr partition;
  std::int64_t offset = -1;
  std::size_t bytes = 0;
};

[[nodiscard]] inline Receipt receipt_for(const Incoming& incoming) {
  return {incoming.partition, incoming.offset, incoming.bytes};
}
/// The same from one that is not needed any more: counting who uses the partition costs when several threads do.
[[nodiscard]] inline Receipt receipt_for(Incoming&& incoming) {
  incoming.record = {};
  return {std::move(incoming.partition), incoming.offset, incoming.bytes};
}

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_H_
