#ifndef CONVEYOR_SRC_KAFKA_PLACE_WATCH_H_
#define CONVEYOR_SRC_KAFKA_PLACE_WATCH_H_

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "kafka/assigned.h"

namespace conveyor::kafka {

/// Partitions that this member was given and whose place in the log is not known yet: nothing of them is read, however
/// long that takes, and when they are waited for in vain their client is to be replaced.
///
/// A decision without threads, clock or broker.
class PlaceWatch {
 public:
  using Clock = std::chrono::steady_clock;

  /// @param patience how long a partition may wait
  explicit PlaceWatch(std::chrono::milliseconds patience) : patience_(patience) {}

  struct Waiting {
    Assigned assigned;
    Clock::time_point since = {};
    std::string why = {};  ///< its place is not known
    bool known = false;    ///< its place is, but others of its assignment hold it up
  };

  void wait_for(Assigned assigned, std::string why, Clock::time_point now);
  /// The place of one that waits. @return false when it does not wait
  bool found(const TopicPartition& where, Place place);
  void not_found(const TopicPartition& where, std::string why);
  /// Takes those whose place is known. @param all nothing unless all are
  [[nodiscard]] std::vector<Assigned> take_known(bool all);
  /// Those whose place is not known.
  [[nodiscard]] std::vector<TopicPartition> unknown() const;
  /// They were given back: lets go of their queues.
  void forget(std::span<const TopicPartition> partitions);
  void forget_all() noexcept { waiting_.clear(); }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

  /// The first that has waited too long.
  [[nodiscard]] const Waiting* overdue(Clock::time_point now) const noexcept;
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept { return patience_; }

 private:
  [[nodiscard]] Waiting* find(const TopicPartition& where) noexcept;

  const std::chrono::milliseconds patience_;
  std::vector<Waiting> waiting_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PLACE_WATCH_H_
