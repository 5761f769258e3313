#ifndef CONVEYOR_SRC_KAFKA_PLACE_QUESTIONS_H_
#define CONVEYOR_SRC_KAFKA_PLACE_QUESTIONS_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kafka/place_lookup.h"
#include "kafka/wakeup.h"

namespace conveyor::kafka {

/// Asks where partitions begin, on a thread of its own: the group's coordinator may take its time.
///
/// Thread safety: one thread; it may be destroyed while an answer is on its way.
class PlaceQuestions {
 public:
  /// Called on that thread; what it holds lives until then. @return nothing when there is nobody to be asked any more
  using Ask = std::function<std::vector<FoundPlace>(std::span<const TopicPartition>)>;

  /// @param wakeup is signalled once all is answered; may be null
  explicit PlaceQuestions(std::shared_ptr<Wakeup> wakeup = {}) : wakeup_(std::move(wakeup)) {}

  /// One round at a time. @param together in one question; else one by one, so that those that no transaction holds up
  /// need not wait for the others
  void ask(std::vector<TopicPartition> partitions, bool together, Ask ask);
  [[nodiscard]] bool asking() const noexcept { return round_ != nullptr; }
  /// What was answered, once all is.
  [[nodiscard]] std::optional<std::vector<FoundPlace>> take();
  /// The answers are not wanted any more: no further question is asked.
  void give_up() noexcept;

 private:
  struct Round;
  const std::shared_ptr<Wakeup> wakeup_;
  std::shared_ptr<Round> round_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PLACE_QUESTIONS_H_
