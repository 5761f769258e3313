#ifndef CONVEYOR_SRC_KAFKA_CONSUMER_CLIENT_H_
#define CONVEYOR_SRC_KAFKA_CONSUMER_CLIENT_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/assigned.h"
#include "kafka/client.h"
#include "kafka/log_offsets.h"

// What a member of a consumer group needs of its Kafka client, in interfaces of one subject each, so that each part of
// the member asks for no more than it uses and is tested without a broker. GroupConsumer is the one of librdkafka.

namespace conveyor::kafka {

struct OffsetToCommit {
  TopicPartition where = {};
  std::int64_t next = 0;  ///< the first offset that is not done
  std::string metadata = {};
};

struct CommitOutcome {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::vector<OffsetToCommit> committed = {};  ///< those of its offsets that were stored
  std::vector<TopicPartition> unknown = {};    ///< of topics that do not exist
};

/// Commits a member's offsets.
///
/// Thread safety: one thread.
class OffsetCommits {
 public:
  virtual ~OffsetCommits() = default;

  /// A commit would be refused, at best, until the group has told us our place.
  [[nodiscard]] virtual bool joining() const = 0;
  enum class WhileJoining { kDoNot, kTry };
  /// Starts a commit; one at a time. @return whether it was begun
  virtual bool commit(std::span<const OffsetToCommit> offsets, WhileJoining while_joining) = 0;
  [[nodiscard]] virtual bool commit_in_flight() const noexcept = 0;
  /// The result of the commit in flight once it is known.
  [[nodiscard]] virtual std::optional<CommitOutcome> poll_commit(std::chrono::milliseconds within) = 0;
  /// The group does not count this member any more, or the client believes so: nothing can be committed.
  [[nodiscard]] virtual bool lost() const = 0;
};

/// What the cluster knows of partitions. Its answers are waited for.
///
/// Thread safety: may be called from any thread.
class PartitionQuestions {
 public:
  virtual ~PartitionQuestions() = default;

  /// As ask_log_ranges() and ask_log_ends(); no answers once the group is being left.
  [[nodiscard]] virtual std::vector<std::optional<LogRange>> log_ranges(std::span<const TopicPartition> partitions,
                                                                        std::chrono::milliseconds within) const = 0;
  [[nodiscard]] virtual std::vector<std::optional<std::int64_t>> log_ends(std::span<const TopicPartition> partitions,
                                                                          std::chrono::milliseconds within) const = 0;
  /// What the group has committed, once no transaction is open that may change it (negative: nothing), of those
  /// partitions of which the brokers told it.
  [[nodiscard]] virtual std::vector<OffsetToCommit> committed(std::span<const TopicPartition> partitions,
                                                              std::chrono::milliseconds within) const = 0;
};

/// Where a client stands in the logs that it reads. Nothing here waits.
///
/// Thread safety: one thread.
class LogPositions {
 public:
  virtual ~LogPositions() = default;

  /// Where the log began when it was last fetched, without asking; negative: not known.
  [[nodiscard]] virtual std::int64_t known_log_start(const TopicPartition& where) const = 0;
  /// How far the partition's queue was read, with the markers of transactions, which are not handed out; negative: not
  /// known, or nothing since reading began there.
  [[nodiscard]] virtual std::int64_t passed(const TopicPartition& where) const = 0;
  /// Goes on reading an assigned partition at an offset, or at RD_KAFKA_OFFSET_BEGINNING; what was read ahead is
  /// dropped.
  virtual void seek(const TopicPartition& where, std::int64_t offset) = 0;
};

/// Whether topics exist.
///
/// Thread safety: one thread.
class TopicQuestions {
 public:
  virtual ~TopicQuestions() = default;

  /// allow.auto.create.topics
  [[nodiscard]] virtual bool may_create_topics() const = 0;
  /// What the cluster says of a topic now; creates it if may_create_topics() and the cluster does so.
  [[nodiscard]] virtual rd_kafka_resp_err_t ask_for_topic(const std::string& topic,
                                                          std::chrono::milliseconds within) = 0;
};

/// A Kafka client that is a member of a consumer group. It is driven by one thread and calls nobody back: what happened
/// is told by serve().
///
/// Thread safety: one thread, but for what the interfaces say.
class ConsumerClient : public OffsetCommits, public PartitionQuestions, public LogPositions, public TopicQuestions {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    /// @param partitions which are read from now on; of one assignment some may come later than others
    virtual void on_assigned(std::vector<Assigned> partitions) = 0;
    /// On return all queues of these partitions must be released and whatever shall be committed be committed.
    /// @param lost they belong to another member already; nothing may be committed
    virtual void on_revoked(std::span<const TopicPartition> partitions, bool lost) = 0;
    virtual void on_error(rd_kafka_resp_err_t error, std::string_view text, std::string_view topic) = 0;
  };

  /// Handles every event that waits, without waiting.
  virtual void serve(Listener& listener) = 0;
  /// Leaves the group, on a thread of its own; nothing but destroy() may be called afterwards. All partitions' queues
  /// must have been released. @return false when that did not end in time
  virtual bool leave(std::chrono::milliseconds within) = 0;
  /// Every record must be gone. Without leave() the group notices by its session timeout.
  /// @param within 0: the client is left to its thread
  virtual void destroy(std::chrono::milliseconds within) = 0;

  /// What a transaction must know of this member. May be called from any thread.
  [[nodiscard]] virtual GroupMetadata group_metadata() const = 0;
  /// With a fatal error, after which nothing can be committed.
  [[nodiscard]] virtual bool failed() const = 0;
  /// max.poll.interval.ms: how long the group waits for a member that is busy.
  [[nodiscard]] virtual std::chrono::milliseconds max_poll_interval() const = 0;
  /// Its complaints, for errors that are noticed later.
  [[nodiscard]] virtual const Reporter& reporter() const noexcept = 0;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_CONSUMER_CLIENT_H_
