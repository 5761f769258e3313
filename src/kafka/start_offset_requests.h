#ifndef CONVEYOR_SRC_KAFKA_START_OFFSET_REQUESTS_H_
#define CONVEYOR_SRC_KAFKA_START_OFFSET_REQUESTS_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kafka/start_offset_lookup.h"
#include "kafka/wakeup.h"

namespace conveyor::kafka {

/// Asks where partitions begin, on a thread of its own, because the group's coordinator may take long to answer.
///
/// Thread safety: one thread; the object may be destroyed while an answer is on its way.
class StartOffsetRequests {
 public:
  /// Called on that thread; what it captures lives until then. @return empty when there is no client to ask any more
  using Ask = std::function<std::vector<FoundStartOffset>(std::span<const TopicPartition>)>;

  /// @param wakeup is signalled once all is answered; may be null
  explicit StartOffsetRequests(std::shared_ptr<Wakeup> wakeup = {}) : wakeup_(std::move(wakeup)) {}

  /// Starts a round of questions; one round at a time. Where that is not possible, or `ask` throws, the answers that are
  /// missing are missing from take().
  /// @param together true: one question for all; false: one for each partition, so that an open transaction delays only
  /// the partitions it concerns
  void ask(std::vector<TopicPartition> partitions, bool together, Ask ask);
  [[nodiscard]] bool asking() const noexcept { return round_ != nullptr; }
  /// The answers, once all have arrived.
  [[nodiscard]] std::optional<std::vector<FoundStartOffset>> take();
  /// Discards the answers on their way; no further question is sent.
  void give_up() noexcept;

 private:
  struct Round;
  const std::shared_ptr<Wakeup> wakeup_;
  std::shared_ptr<Round> round_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_START_OFFSET_REQUESTS_H_
