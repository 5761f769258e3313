#ifndef CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_
#define CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string_view>

namespace conveyor::kafka {

/// Whether a consumer has asked to join its group again and does not know its place yet.
///
/// A commit that is sent then waits at the broker until the joining is done, belongs to the generation before, and is
/// refused; before 2.10 librdkafka takes that for the loss of all partitions, also of those that a cooperative member
/// keeps (https://github.com/confluentinc/librdkafka/issues/4059).
///
/// What librdkafka asks the brokers is seen by interceptors, when it is sent. That is too late where this process gets
/// little time: librdkafka's main thread decides to join when it handles an answer to a heartbeat, and a commit that
/// was begun between the two goes behind the joining. Where that does harm, the main thread's log lines tell what it
/// decides, and answers that it may not have handled yet make the member's standing unsure until it has: see
/// if_member().
///
/// Thread safety: all functions may be called from any thread.
class JoinWatch {
 public:
  enum class Standing {
    kMember,
    kJoining,
    kUnsure,  ///< librdkafka's main thread may be deciding; once it has handled all that it was given: caught_up()
  };

  /// It must live as long as the client that is made from this.
  void watch(rd_kafka_conf_t* conf);
  /// Log lines of librdkafka's debug context `cgrp` will be passed to log_line(). To be said before the client is made.
  void reads_log() noexcept { reads_log_ = true; }
  /// @param facility librdkafka's name of the line
  void log_line(std::string_view facility, std::string_view text);

  /// The client was told something that it may answer by joining.
  void disturb();
  [[nodiscard]] std::uint64_t disturbances() const;
  /// librdkafka's main thread has handled what it was given before there were so many.
  void caught_up(std::uint64_t disturbances);

  [[nodiscard]] bool joining() const;
  /// Hands a commit to librdkafka's main thread, unless it may be behind what makes the client join.
  template <class Commit>
  Standing if_member(Commit&& commit) {
    const std::lock_guard lock{mutex_};
    if (unsure_) return Standing::kUnsure;
    if (joining_) return Standing::kJoining;
    commit();  // no answer of a broker comes in between
    return Standing::kMember;
  }

  // What interceptors see.
  void request_sent(std::int16_t api_key);
  /// Called before librdkafka's main thread is given the answer.
  void response_received(std::int16_t api_key);

 private:
  bool reads_log_ = false;
  mutable std::mutex mutex_;
  bool joining_ = false;
  bool unsure_ = false;
  std::uint64_t disturbances_ = 0;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_
