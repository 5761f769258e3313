#ifndef CONVEYOR_SRC_KAFKA_CONSUMER_CLIENT_H_
#define CONVEYOR_SRC_KAFKA_CONSUMER_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/assigned_partition.h"
#include "kafka/client.h"
#include "kafka/log_offsets.h"

// What a member of a consumer group needs of its Kafka client, as interfaces of one subject each. So each part of the
// member asks for no more than it uses, and is tested without a broker. GroupConsumer implements them over librdkafka.

namespace conveyor::kafka {

struct OffsetToCommit {
  TopicPartition where = {};
  std::int64_t next = 0;  ///< the first offset that is not done
  std::string metadata = {};
};

struct CommitOutcome {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::vector<OffsetToCommit> committed = {};  ///< the offsets of the commit that were stored
  std::vector<TopicPartition> unknown = {};    ///< partitions of topics that do not exist
};

/// Commits a member's offsets.
///
/// Thread safety: one thread.
class OffsetCommits {
 public:
  virtual ~OffsetCommits() = default;

  /// Whether the member is joining its group. The group would refuse a commit, or worse, until it has told the member
  /// its place.
  [[nodiscard]] virtual bool joining() const = 0;
  enum class WhileJoining { kDoNot, kTry };
  /// Starts a commit; only one may be in flight. @return whether it was started
  virtual bool commit(std::span<const OffsetToCommit> offsets, WhileJoining while_joining) = 0;
  [[nodiscard]] virtual bool commit_in_flight() const noexcept = 0;
  /// The result of the commit in flight, once it is known.
  [[nodiscard]] virtual std::optional<CommitOutcome> poll_commit(std::chrono::milliseconds within) = 0;
  /// The group does not count this member any more, or the client believes so: nothing can be committed.
  [[nodiscard]] virtual bool lost() const = 0;
};

/// What the cluster knows about partitions. The functions wait for the answers.
///
/// Thread safety: may be called from any thread.
class PartitionQuestions {
 public:
  virtual ~PartitionQuestions() = default;

  /// As ask_log_ranges() and ask_log_ends(). No answers once the client is leaving its group.
  [[nodiscard]] virtual std::vector<std::optional<LogRange>> log_ranges(std::span<const TopicPartition> partitions,
                                                                        std::chrono::milliseconds within) const = 0;
  [[nodiscard]] virtual std::vector<std::optional<std::int64_t>> log_ends(std::span<const TopicPartition> partitions,
                                                                          std::chrono::milliseconds within) const = 0;
  /// The group's committed offsets (negative: none), read once no open transaction may change them. Partitions that the
  /// brokers did not answer for are left out.
  [[nodiscard]] virtual std::vector<OffsetToCommit> committed(std::span<const TopicPartition> partitions,
                                                              std::chrono::milliseconds within) const = 0;
};

/// Where the client stands in the logs that it reads. No function here waits.
///
/// Thread safety: one thread.
class LogPositions {
 public:
  virtual ~LogPositions() = default;

  /// The first offset of the log, as of the last fetch; nobody is asked. Negative: not known.
  [[nodiscard]] virtual std::int64_t known_log_start(const TopicPartition& where) const = 0;
  /// The offset up to which the partition's queue was read, past transaction markers, which are not returned. Negative:
  /// not known, or nothing was read since reading began.
  [[nodiscard]] virtual std::int64_t passed(const TopicPartition& where) const = 0;
  /// Continues reading an assigned partition at an offset, or at RD_KAFKA_OFFSET_BEGINNING. Records that were fetched
  /// ahead are dropped.
  virtual void seek(const TopicPartition& where, std::int64_t offset) = 0;
};

/// Whether topics exist.
///
/// Thread safety: one thread.
class TopicQuestions {
 public:
  virtual ~TopicQuestions() = default;

  /// The Kafka property allow.auto.create.topics.
  [[nodiscard]] virtual bool may_create_topics() const = 0;
  /// The error that the cluster reports for a topic now. This creates the topic if may_create_topics() and the cluster
  /// allows it.
  [[nodiscard]] virtual rd_kafka_resp_err_t ask_for_topic(const std::string& topic,
                                                          std::chrono::milliseconds within) = 0;
};

/// A Kafka client that is a member of a consumer group. One thread drives it. It calls nobody back: serve() reports
/// what happened.
///
/// Thread safety: one thread, except where the interfaces say otherwise.
class ConsumerClient : public OffsetCommits, public PartitionQuestions, public LogPositions, public TopicQuestions {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// @param partitions are read from now on; the partitions of one assignment may arrive in several calls
    virtual void on_assigned(std::vector<Assigned> partitions) = 0;
    /// On return the queues of these partitions must be released, and everything that shall be committed must be
    /// committed.
    /// @param lost they already belong to another member; nothing may be committed
    virtual void on_revoked(std::span<const TopicPartition> partitions, bool lost) = 0;
    virtual void on_error(rd_kafka_resp_err_t error, std::string_view text, std::string_view topic) = 0;
  };

  /// Handles all pending events. Does not wait.
  virtual void serve(Listener& listener) = 0;
  /// Leaves the group, on a thread of its own. All partition queues must be released before; only destroy() may be
  /// called afterwards.
  /// @return false when that did not end in time
  virtual bool leave(std::chrono::milliseconds within) = 0;
  /// All records must be destroyed before. Without leave() the group notices by the session timeout.
  /// @param within 0: do not wait for the client's thread
  virtual void destroy(std::chrono::milliseconds within) = 0;

  /// The group metadata that a transaction needs. May be called from any thread.
  [[nodiscard]] virtual GroupMetadata group_metadata() const = 0;
  /// Whether the client has a fatal error, after which nothing can be committed.
  [[nodiscard]] virtual bool failed() const = 0;
  /// The Kafka property max.poll.interval.ms: how long the group waits for a busy member.
  [[nodiscard]] virtual std::chrono::milliseconds max_poll_interval() const = 0;
  /// Holds the client's last error, for errors that are noticed later.
  [[nodiscard]] virtual const Reporter& reporter() const noexcept = 0;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_CONSUMER_CLIENT_H_
