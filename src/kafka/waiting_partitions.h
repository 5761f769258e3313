#ifndef CONVEYOR_SRC_KAFKA_WAITING_PARTITIONS_H_
#define CONVEYOR_SRC_KAFKA_WAITING_PARTITIONS_H_

#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "kafka/assigned_partition.h"
#include "kafka/start_offset_lookup.h"

namespace conveyor::kafka {

/// Assigned partitions whose start offset is not known yet. Nothing of them is read, however long that takes. When the
/// wait is too long, the client is to be replaced.
///
/// Pure: no threads, no clock, no broker.
class WaitingPartitions {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param patience how long a partition may wait
  explicit WaitingPartitions(std::chrono::milliseconds patience) : patience_(patience) {}

  struct Waiting {
    Assigned assigned;
    Clock::time_point since = {};
    std::string why = {};  ///< why its start offset is not known
    bool known = false;    ///< its start offset is known, but others of its assignment hold it up
  };

  void wait_for(Assigned assigned, std::string why, Clock::time_point now);
  /// The start offset of a waiting partition is known. @return false when the partition does not wait
  bool found(const TopicPartition& where, StartOffset start_offset);
  void not_found(const TopicPartition& where, std::string why);
  /// One of the two.
  void answered(FoundStartOffset answer) {
    if (answer.start_offset) {
      static_cast<void>(found(answer.where, *std::move(answer.start_offset)));
    } else {
      not_found(answer.where, std::move(answer.why));
    }
  }
  /// Takes the partitions whose start offset is known. @param all take nothing unless all are known
  [[nodiscard]] std::vector<Assigned> take_known(bool all);
  /// The partitions whose start offset is not known.
  [[nodiscard]] std::vector<TopicPartition> unknown() const;
  /// The partitions were revoked: releases their queues.
  void forget(std::span<const TopicPartition> partitions);
  void forget_all() noexcept { waiting_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

  /// The first partition that has waited too long; null: none.
  [[nodiscard]] const Waiting* overdue(Clock::time_point now) const noexcept;
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept { return patience_; }

 private:
  [[nodiscard]] Waiting* find(const TopicPartition& where) noexcept;

  const std::chrono::milliseconds patience_;
  std::vector<Waiting> waiting_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_WAITING_PARTITIONS_H_
