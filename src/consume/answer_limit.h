#ifndef CONVEYOR_SRC_CONSUME_ANSWER_LIMIT_H_
#define CONVEYOR_SRC_CONSUME_ANSWER_LIMIT_H_

#include <chrono>
#include <optional>

namespace conveyor::worker {

/// How old an answer of the group may be that a commit relies on. While it is on its way a topic may be deleted,
/// recreated and filled, so one that took long does not count, nor does none: the group is asked again, each time with
/// twice the time. On machines without time for us the answers come later, and so does the new topic. After the longest
/// question it goes on without: the broker that does not answer is the one that takes the commit.
///
/// A decision without threads or clock.
class AnswerLimit {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  static constexpr milliseconds kLongest{4'000};  ///< one question; 7,750 in all

  /// How long the next answer may take.
  [[nodiscard]] milliseconds within() const noexcept { return within_; }

  /// @param asked_at when the question was asked whose answer came, or did not come, by `now`
  /// @return whether to commit; if not, ask again
  [[nodiscard]] bool answered(bool told, Clock::time_point asked_at, Clock::time_point now) noexcept {
    const auto took = now - asked_at;
    if (!step_began_ || asked_at - last_ > kBetweenQuestions) step_began_ = asked_at;
    last_ = now;
    const bool last = within_ >= kLongest;
    // Refused at once is not silent for long; and where we were stopped ourselves, nobody was silent.
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
  static constexpr milliseconds kLate{1'000};  // after its time a question has ended
  // Where the next question comes later than this, nobody was asked meanwhile, so nobody was silent.
  static constexpr milliseconds kBetweenQuestions{500};

  milliseconds within_ = kShortest;
  std::optional<Clock::time_point> step_began_;
  Clock::time_point last_ = {};
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_ANSWER_LIMIT_H_
