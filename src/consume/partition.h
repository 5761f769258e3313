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

#include "consume/offset_tracker.h"
#include "consume/partition_lease.h"
#include "consume/replaced_log_watch.h"
#include "consume/retention_watch.h"
#include "consume/stored_offset_watch.h"
#include "kafka/consumer_client.h"

namespace conveyor::worker {

/// One assignment of one partition to this member. A revoked partition is never used again: if the partition is
/// assigned again, that is another object. So a record that finishes late for the old assignment cannot be committed
/// for the new one.
class Partition {
 public:
  enum class State {
    kActive,    ///< its records are read and begun
    kRevoking,  ///< no more of its records are begun; those in flight are waited for and committed
    kRevoked,   ///< revoked: nothing of it is committed any more
    kLost,      ///< lost: the group gave it to another member; nothing of it is committed any more
  };

  /// @param reads_by the client, which lives until its last record is destroyed
  Partition(kafka::TopicPartition at, OffsetTracker offsets, std::unique_ptr<kafka::RecordQueue> records,
            std::shared_ptr<kafka::ConsumerClient> reads_by = {})
      : where(at), client(std::move(reads_by)), queue(std::move(records)), tracker(std::move(offsets)) {}

  const kafka::TopicPartition where;
  const std::shared_ptr<kafka::ConsumerClient> client;

  // For any thread.
  [[nodiscard]] State state() const noexcept { return state_.load(std::memory_order_acquire); }
  /// No more of its records may be begun.
  [[nodiscard]] bool leaving() const noexcept { return state() != State::kActive; }
  /// Its finished records may be committed.
  [[nodiscard]] bool is_ours() const noexcept { return state() == State::kActive || state() == State::kRevoking; }
  std::stop_source gone;  // stopped when handlers shall give up
  // Used by a worker with transactions.
  std::atomic<bool> released{false};  // no transaction may commit it any more
  std::atomic<bool> in_doubt{false};  // a transaction may have committed it or not
  std::int32_t topic_began_with = 0;  // see CommitMetadata; as it was when the partition was assigned
  // The group has no offset of it any more, although it had one: see ReplacedLogWatch.
  std::atomic<bool> dropped_by_group{false};
  StoredOffsetWatch stored_offset;  // only for the thread that commits transactions

  // Only for the member's thread.
  /// States only advance: a revoked partition does not become active again.
  void become(State state) noexcept {
    if (state > this->state()) state_ = state;
  }
  [[nodiscard]] std::size_t begun() const noexcept { return tracker.in_flight() - dropped; }
  /// No record of it is in flight or held back: it waits only for new records.
  [[nodiscard]] bool waits_for_records() const noexcept {
    return tracker.in_flight() == 0 && !held && (!queue || queue->empty()) && !log.doubts();
  }

  std::unique_ptr<kafka::RecordQueue> queue;
  OffsetTracker tracker;
  std::optional<std::int64_t> began_at = {};  // where reading began without a committed offset, if known
  ReplacedLogWatch log;                       // whether its log is still the one that was read
  RetentionWatch retention;
  std::optional<PartitionLease> lease = {};               // none: crashes are not watched
  kafka::ConsumedRecord held = {};                        // read, but not to be begun until a commit permits it
  std::optional<CommitMetadata> metadata_in_flight = {};  // of the commit in flight
  bool keep_start = false;  // commit the offset where reading began before a record is handled
  bool committing = false;  // it is part of the commit in flight
  std::size_t bytes_in_flight = 0;
  std::size_t dropped = 0;  // records in flight that were discarded before they were begun, and so never finish

 private:
  std::atomic<State> state_{State::kActive};
};

using PartitionPtr = std::shared_ptr<Partition>;

/// A record on its way to its handler.
struct Incoming {
  PartitionPtr partition;  // destroyed after the record, because it keeps the record's client alive
  kafka::ConsumedRecord record;
  std::int64_t offset = -1;
  std::size_t bytes = 0;  // of key and value
  int deaths = 0;         // above 0: do not handle it, the process died on it this often
};

/// What is needed to report a record as finished after its bytes are freed.
struct Receipt {
  PartitionPtr partition;
  std::int64_t offset = -1;
  std::size_t bytes = 0;
};

[[nodiscard]] inline Receipt receipt_for(const Incoming& incoming) {
  return {incoming.partition, incoming.offset, incoming.bytes};
}
/// The same for an Incoming that is not needed any more. It moves the pointer, because counting its users is expensive
/// when several threads do it.
[[nodiscard]] inline Receipt receipt_for(Incoming&& incoming) {
  incoming.record = {};
  return {std::move(incoming.partition), incoming.offset, incoming.bytes};
}

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_PARTITION_H_
