#ifndef CONVEYOR_SRC_CONSUME_ANSWER_LIMIT_H_
#define CONVEYOR_SRC_CONSUME_ANSWER_LIMIT_H_

#include <chrono>
#include <optional>

namespace conveyor::worker {

/// How old the answer to an OffsetFetch request may be when a commit relies on it. While the answer is on its way,
/// somebody may delete the topic, recreate it and write to it. A late answer therefore does not count, nor does a
/// missing one: the group is asked again, each time with twice the time. On an overloaded machine answers arrive later,
/// but so does the recreated topic. After the longest wait the commit goes ahead without an answer: the broker that
/// does not answer is the one that receives the commit.
///
/// Pure: no threads, no clock.
class AnswerLimit {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  static constexpr milliseconds kLongest{4'000};  ///< for one question; all questions together take 7,750 ms

  /// How long the next answer may take.
  [[nodiscard]] milliseconds within() const noexcept { return within_; }

  /// @param told whether an answer arrived by `now`
  /// @param asked_at when that question was asked
  /// @return true: commit; false: ask again
  [[nodiscard]] bool answered(bool told, Clock::time_point asked_at, Clock::time_point now) noexcept {
    const auto took = now - asked_at;
    if (!step_began_ || asked_at - last_ > kBetweenQuestions) step_began_ = asked_at;
    last_ = now;
    const bool last = within_ >= kLongest;
    // A coordinator that refuses at once has not been silent for long. While this process itself was suspended, nobody
    // was silent.
    const bool silent = now - *step_began_ >= within_;
    if ((told && took <= within_) || (silent && last && took <= kLongest + kLate)) {
      *this = {};
      return true;
    }
    if (silent) {
      step_began_ = now;
      if (!last) within_ *= 2;
    }
    return false;
  }

 private:
  static constexpr milliseconds kShortest{250};
  static constexpr milliseconds kLate{1'000};  // a question that has timed out ends within this
  // If the next question comes later than this, none was open in between, and the silence does not count.
  static constexpr milliseconds kBetweenQuestions{500};

  milliseconds within_ = kShortest;
  std::optional<Clock::time_point> step_began_;
  Clock::time_point last_ = {};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_ANSWER_LIMIT_H_
