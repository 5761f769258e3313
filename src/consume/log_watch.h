#ifndef CONVEYOR_SRC_CONSUME_LOG_WATCH_H_
#define CONVEYOR_SRC_CONSUME_LOG_WATCH_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "consume/answer_limit.h"

namespace conveyor::worker {

/// Whether the log of a partition is still the one that was read. A topic may be deleted and recreated, or lose its
/// end, while a member holds its partitions; then an offset says nothing any more, and going on at it passes over
/// records.
///
/// Signs of that are weak by themselves. A broker that was the partition's leader until it froze denies offsets that
/// exist, and so does one that lost its end; a new log that is long enough already denies none. What tells them apart
/// is the group: brokers drop the committed offsets of a topic that is deleted, and of no other. Only a commit of ours
/// would bring one back. So after a sign nothing is begun or committed before the group was asked, and without one it
/// is asked before a commit.
///
/// A decision without threads, clock or broker. is_stored() may be called from any thread.
class LogWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  enum class Verdict {
    kWait,       ///< it is not clear yet
    kGoOn,       ///< the log is the one that was read
    kSeekBack,   ///< it is, and a broker that lagged behind sent reading to its beginning: go on where it was
    kStartOver,  ///< it is another one, or shorter: read it from its beginning
  };

  /// What the cluster said when it was asked.
  struct Answer {
    std::optional<std::int64_t> end = {};  ///< of the log; none: nobody told
    bool told = false;                     ///< whether the group told
    bool committed = false;                ///< an offset of the partition
  };

  /// The group has an offset of the partition: it was found, or a commit was confirmed.
  void stored() noexcept { stored_ = true; }
  [[nodiscard]] bool is_stored() const noexcept { return stored_; }

  /// A record from before the position came, or the log's end was found there.
  void rewound() noexcept { rewound_ = true; }
  /// Somebody said that the topic does not exist.
  void missing() noexcept { missing_ = true; }
  /// A record from the position on came.
  void went_on() noexcept { shorter_since_.reset(); }

  /// Nothing of the partition may be begun or committed.
  [[nodiscard]] bool doubts() const noexcept { return rewound_ || missing_; }
  /// The log was found to be shorter than what was read of it, and not yet for long enough.
  [[nodiscard]] bool is_shorter() const noexcept { return shorter_since_.has_value(); }
  /// The end of the log and the group's offset should be asked for, because of doubts.
  [[nodiscard]] bool must_ask(Clock::time_point now) const noexcept { return doubts() && now >= next_ask_; }
  /// The group's offset should be asked for before the partition is committed.
  [[nodiscard]] bool must_verify(Clock::time_point now) const noexcept { return stored_ && now >= verified_until_; }
  /// Whether the last question was a moment ago, so that another one should wait.
  [[nodiscard]] bool has_just_asked(Clock::time_point now) const noexcept { return now < asked_at_ + kBetweenChecks; }
  [[nodiscard]] Clock::time_point asked_at() const noexcept { return asked_at_; }
  /// The question is asked now to which answered() tells the answer.
  void asked(Clock::time_point now) noexcept {
    asked_at_ = now;
    next_ask_ = now + kBetweenQuestions;
  }
  /// How long the answer to a question asked before a commit may take.
  [[nodiscard]] milliseconds answer_within() const noexcept { return answer_limit_.within(); }
  /// A commit of the partition is begun.
  void committing() noexcept { verified_until_ = std::min(verified_until_, asked_at_ + kVerifiedFor); }

  /// @param position the offset to be read next, if that is known
  /// @param believe_after how long a log must be shorter than what was read of it until it is taken for another one
  [[nodiscard]] Verdict answered(const Answer& answer, std::optional<std::int64_t> position, milliseconds believe_after,
                                 Clock::time_point now);

 private:
  static constexpr milliseconds kBetweenQuestions{500};
  static constexpr milliseconds kBetweenChecks{50};
  // A topic is not deleted, recreated and filled in less. An answer serves the commit that it was asked for and those
  // that follow so closely; where other commits were in the way of that one, it waits for longer.
  static constexpr milliseconds kVerifiedFor{100};
  static constexpr milliseconds kAnswerLasts{1'000};

  Verdict verified(const Answer& answer, Clock::time_point now) {
    if (stored_ && answer.told && !answer.committed) {
      missing_ = true;
      dropped_since_ = now;
      return Verdict::kWait;
    }
    if (stored_ && !answer_limit_.answered(answer.told, asked_at_, now)) return Verdict::kWait;
    verified_until_ = std::max(asked_at_ + kAnswerLasts, now + kVerifiedFor);
    return Verdict::kGoOn;
  }

  // Where nothing was committed, reading from the beginning is what a restart would do as well. Where something was, a
  // second answer must confirm that it is gone: a coordinator may answer by what it knew before it froze. Without an
  // end the topic is not there (again) yet.
  Verdict dropped(const Answer& answer, Clock::time_point now) {
    if (!dropped_since_) dropped_since_ = now;
    const bool confirmed = !stored_ || now - *dropped_since_ >= kBetweenQuestions;
    return answer.end && confirmed ? end_doubt(Verdict::kStartOver) : Verdict::kWait;
  }

  Verdict go_on() noexcept {
    verified_until_ = asked_at_ + kAnswerLasts;
    return end_doubt(Verdict::kGoOn);
  }
  Verdict end_doubt(Verdict verdict) noexcept {
    rewound_ = missing_ = false;
    dropped_since_.reset();
    answer_limit_ = {};
    return verdict;
  }

  std::atomic<bool> stored_{false};
  bool rewound_ = false;
  bool missing_ = false;
  Clock::time_point verified_until_ = {};
  Clock::time_point asked_at_ = {};
  Clock::time_point next_ask_ = {};
  AnswerLimit answer_limit_;
  std::optional<Clock::time_point> dropped_since_;
  std::optional<Clock::time_point> shorter_since_;
};

}  // namespace conveyor::worker

#endif  // CONVEYOR_SRC_CONSUME_LOG_WATCH_H_
