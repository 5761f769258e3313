#ifndef CONVEYOR_SRC_CONSUME_REPLACED_LOG_WATCH_H_
#define CONVEYOR_SRC_CONSUME_REPLACED_LOG_WATCH_H_

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "consume/answer_limit.h"

namespace conveyor::worker {

/// Decides whether the log of a partition is still the one that was read. While a member holds its partitions, somebody
/// may delete and recreate the topic, or the log may lose its end. An old offset then means nothing in the new log, and
/// reading on from it would skip records.
///
/// The signs of that are weak. A broker that was the partition's leader until it froze denies offsets that exist, and
/// so does a broker that lost the end of its log. A recreated log that is already long enough denies no offset. The
/// consumer group tells these cases apart: brokers drop the committed offsets of a deleted topic, and of no other
/// topic. Only a commit of this member would bring such an offset back. So after a sign nothing is begun or committed
/// until the group was asked. Without a sign the group is asked before a commit.
///
/// Pure: no threads, no clock, no broker. is_stored() may be called from any thread.
class ReplacedLogWatch {
 public:
  using Clock = std::chrono::steady_clock;
  using milliseconds = std::chrono::milliseconds;

  enum class Verdict {
    kWait,       ///< not clear yet
    kGoOn,       ///< the log is the one that was read
    kSeekBack,   ///< it is, but a lagging broker made the client read from its beginning: seek to the position
    kStartOver,  ///< the topic was recreated, or its log is shorter: read it from its beginning
  };

  /// What the cluster answered.
  struct Answer {
    std::optional<std::int64_t> end = {};  ///< of the log; none: no answer
    bool told = false;                     ///< whether the group answered
    bool committed = false;                ///< whether the group has an offset of the partition
  };

  /// The group has an offset of the partition: it was found, or a commit was confirmed.
  void stored() noexcept { stored_ = true; }
  [[nodiscard]] bool is_stored() const noexcept { return stored_; }

  /// A record from before the position was read, or the log's end lies before it.
  void rewound() noexcept { rewound_ = true; }
  /// A broker or the client reported that the topic does not exist.
  void missing() noexcept { missing_ = true; }
  /// A record at or after the position was read.
  void went_on() noexcept { shorter_since_.reset(); }

  /// No record of the partition may be begun or committed.
  [[nodiscard]] bool doubts() const noexcept { return rewound_ || missing_; }
  /// The log is shorter than the read position, but not yet for long enough to act on it.
  [[nodiscard]] bool is_shorter() const noexcept { return shorter_since_.has_value(); }
  /// Time to ask for the log's end and the group's offset, because the partition is in doubt.
  [[nodiscard]] bool must_ask(Clock::time_point now) const noexcept { return doubts() && now >= next_ask_; }
  /// The group's offset must be asked for before the partition is committed.
  [[nodiscard]] bool must_verify(Clock::time_point now) const noexcept { return stored_ && now >= verified_until_; }
  /// The last question was asked a moment ago, so that the next one should wait.
  [[nodiscard]] bool has_just_asked(Clock::time_point now) const noexcept { return now < asked_at_ + kBetweenChecks; }
  [[nodiscard]] Clock::time_point asked_at() const noexcept { return asked_at_; }
  /// A question is asked now; answered() gets its answer.
  void asked(Clock::time_point now) noexcept {
    asked_at_ = now;
    next_ask_ = now + kBetweenQuestions;
  }
  /// How long the answer to a question before a commit may take.
  [[nodiscard]] milliseconds answer_within() const noexcept { return answer_limit_.within(); }
  /// A commit of the partition begins.
  void committing() noexcept { verified_until_ = std::min(verified_until_, asked_at_ + kVerifiedFor); }

  /// @param position the offset to be read next, if known
  /// @param believe_after how long a log must be shorter than the read position before the topic is taken for recreated
  [[nodiscard]] Verdict answered(const Answer& answer, std::optional<std::int64_t> position, milliseconds believe_after,
                                 Clock::time_point now);

 private:
  static constexpr milliseconds kBetweenQuestions{500};
  static constexpr milliseconds kBetweenChecks{50};
  // Deleting a topic, recreating it and writing to it takes longer than this. An answer is valid for the commit it was
  // asked for, and for commits that follow this closely. If other commits delayed that one, the answer stays valid for
  // longer.
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

  // If nothing was committed, reading from the beginning is what a restart would do too. If something was committed, a
  // second answer must confirm that it is gone: a coordinator may answer from what it knew before it froze. Without a
  // log end the topic does not exist (again) yet.
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

#endif  // CONVEYOR_SRC_CONSUME_REPLACED_LOG_WATCH_H_
