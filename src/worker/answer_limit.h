#ifndef CONVEYOR_SRC_WORKER_ANSWER_LIMIT_H_
#define CONVEYOR_SRC_WORKER_ANSWER_LIMIT_H_

#include <chrono>
#include <optional>

namespace conveyor::worker {

/// How old an answer of the group may be that a commit relies on. While it is on its way a topic may be deleted, made
/// anew and filled, so one that took long does not count: the group is asked again, each time with twice the time. On
/// machines without time for us the answers come later, and so does the new topic. The last question counts whatever
/// comes, also nothing: the broker that does not answer is the one that takes the commit, which goes the same way.
///
/// A decision without threads or clock.
class AnswerLimit {
 public:
  using milliseconds = std::chrono::milliseconds;

  /// How long the next answer may take.
  [[nodiscard]] milliseconds within() const noexcept { return within_; }

  /// @param took until the answer came; none: it did not come @return whether the commit may rely on it
  [[nodiscard]] bool counts(std::optional<milliseconds> took) noexcept {
    const bool counts = (took && *took <= within_) || within_ >= kLongest;
    within_ = counts ? kShortest : within_ * 2;
    return counts;
  }

 private:
  static constexpr milliseconds kShortest{250};
  static constexpr milliseconds kLongest{4'000};  // 7,750 in all

  milliseconds within_ = kShortest;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_WORKER_ANSWER_LIMIT_H_
