#ifndef CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_
#define CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_

#include <librdkafka/rdkafka.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/thread_annotations.h"

namespace conveyor::kafka {

/// Knows whether a consumer has asked to join its group again and does not know its place yet.
///
/// A commit that is sent in that time waits at the broker until the rebalance ends. It then belongs to the previous
/// generation and is refused. librdkafka before 2.10 takes that for the loss of all partitions, even of those that a
/// cooperative member keeps (https://github.com/confluentinc/librdkafka/issues/4059).
///
/// Interceptors see librdkafka's requests when they are sent. That is too late when this process gets little CPU time:
/// librdkafka's main thread decides to join when it handles a Heartbeat response, and a commit that was begun between
/// the decision and the JoinGroup request is sent after that request. Where that does harm, the main thread's log lines
/// tell its decisions, and each response that it may not have handled yet makes the member's standing unsure until it
/// has: see if_member().
///
/// Thread safety: all functions may be called from any thread.
class JoinWatch {
 public:
  enum class Standing {
    kMember,
    kJoining,
    kUnsure,  ///< librdkafka's main thread may be deciding to join; caught_up() ends this
  };

  /// Installs the interceptors. This object must live as long as the client that is made from the configuration.
  void watch(rd_kafka_conf_t* conf);
  /// Lines of librdkafka's debug context `cgrp` will be passed to log_line(). Call before the client is made.
  void reads_log() noexcept { reads_log_ = true; }
  /// @param facility librdkafka's name for the kind of line
  void log_line(std::string_view facility, std::string_view text);

  /// The client was told something that may make it join.
  void disturb();
  [[nodiscard]] std::uint64_t disturbances() const;
  /// librdkafka's main thread has handled everything it was given up to this number of disturbances.
  void caught_up(std::uint64_t disturbances);

  [[nodiscard]] bool joining() const;
  /// Hands a commit to librdkafka's main thread, unless the commit may come after something that makes the client join.
  template <class Commit>
  Standing if_member(Commit&& commit) {
    const MutexLock lock{mutex_};
    if (unsure_) return Standing::kUnsure;
    if (joining_) return Standing::kJoining;
    commit();  // no response of a broker can come in between
    return Standing::kMember;
  }

  // Called by the interceptors.
  void request_sent(std::int16_t api_key);
  /// Called before librdkafka's main thread gets the response.
  void response_received(std::int16_t api_key);

 private:
  bool reads_log_ = false;
  mutable Mutex mutex_;
  bool joining_ CONVEYOR_GUARDED_BY(mutex_) = false;
  bool unsure_ CONVEYOR_GUARDED_BY(mutex_) = false;
  std::uint64_t disturbances_ CONVEYOR_GUARDED_BY(mutex_) = 0;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_
