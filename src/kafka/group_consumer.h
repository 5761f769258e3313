#ifndef CONVEYOR_SRC_KAFKA_GROUP_CONSUMER_H_
#define CONVEYOR_SRC_KAFKA_GROUP_CONSUMER_H_

#include <atomic>
#include <chrono>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "kafka/assigned.h"
#include "kafka/client.h"
#include "kafka/log_offsets.h"
#include "kafka/place_lookup.h"
#include "kafka/place_watch.h"
#include "kafka/wakeup.h"

namespace conveyor::kafka {

struct OffsetToCommit {
  TopicPartition where = {};
  std::int64_t next = 0;  ///< the first offset that is not done
  std::string metadata = {};
};

[[nodiscard]] PartitionList list_of(std::span<const OffsetToCommit> offsets);

struct CommitOutcome {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::vector<OffsetToCommit> committed = {};  ///< those of its offsets that were stored
  std::vector<TopicPartition> unknown = {};    ///< of topics that do not exist
};

struct GroupOptions {
  std::vector<std::string> topics = {};  ///< with their prefix
  PlaceOptions places = {};
  /// How long the group's committed offsets may be waited for, at most max.poll.interval.ms. What a worker in
  /// transactions has left open is not told before the brokers end it.
  std::chrono::milliseconds places_within{15'000};
};

/// A librdkafka consumer in a group, driven by one thread and without callbacks: rebalances, errors and commit results
/// are taken as events, and nothing happens between two calls.
///
/// A partition is read only once the group has told where: see PlaceWatch. Meanwhile the member has its place in the
/// group, and partitions that a cooperative member keeps go on.
class GroupConsumer : public std::enable_shared_from_this<GroupConsumer> {
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

  /// To be owned by a shared_ptr.
  GroupConsumer(const Config& config, const GroupOptions& options, Wakeup& wakeup);
  /// Throws what the constructor would of the settings, without connecting.
  static void check(const Config& config);
  ~GroupConsumer();  // every record must be gone; does not wait for the client
  GroupConsumer(const GroupConsumer&) = delete;
  GroupConsumer& operator=(const GroupConsumer&) = delete;

  /// Handles every event that waits, without waiting.
  void serve(Listener& listener);

  /// A commit would be refused, at best, until the group has told us our place.
  [[nodiscard]] bool joining() const;
  enum class WhileJoining { kDoNot, kTry };
  /// Starts a commit; one at a time. @return whether it was begun
  bool commit(std::span<const OffsetToCommit> offsets, WhileJoining while_joining = WhileJoining::kDoNot);
  [[nodiscard]] bool commit_in_flight() const noexcept { return commit_in_flight_; }
  /// The group does not count this member any more, or the client believes so: nothing can be committed.
  [[nodiscard]] bool lost() const;
  /// The result of the commit in flight once it is known.
  [[nodiscard]] std::optional<CommitOutcome> poll_commit(std::chrono::milliseconds within);

  /// As ask_log_ranges() and ask_log_ends(); no answers once the group is being left. May be called from any thread.
  [[nodiscard]] std::vector<std::optional<LogRange>> log_ranges(std::span<const TopicPartition> partitions,
                                                                std::chrono::milliseconds within) const;
  [[nodiscard]] std::vector<std::optional<std::int64_t>> log_ends(std::span<const TopicPartition> partitions,
                                                                  std::chrono::milliseconds within) const;
  /// Where it began when it was last fetched, without asking; negative: not known.
  [[nodiscard]] std::int64_t known_log_start(const TopicPartition& where) const;
  /// How far the partition's queue was read, with the markers of transactions, which are not handed out; negative: not
  /// known, or nothing since reading began there.
  [[nodiscard]] std::int64_t passed(const TopicPartition& where) const;

  /// What a transaction must know of this member. May be called from any thread.
  [[nodiscard]] GroupMetadata group_metadata() const;
  /// What the group has committed, once no transaction is open that may change it (negative: nothing), of those
  /// partitions of which the brokers told it. May be called from any thread.
  [[nodiscard]] std::vector<OffsetToCommit> committed(std::span<const TopicPartition> partitions,
                                                      std::chrono::milliseconds within) const;

  /// Goes on reading an assigned partition at an offset, or at RD_KAFKA_OFFSET_BEGINNING; what was read ahead is
  /// dropped.
  void seek(const TopicPartition& where, std::int64_t offset);

  /// Lets go of a partition's queue; it wakes nobody any more.
  static void release(Queue& queue) noexcept;

  /// Leaves the group, on a thread of its own; nothing but destroy() may be called afterwards. All partitions' queues
  /// must have been released. @return false when that did not end in time
  bool leave(std::chrono::milliseconds within);
  /// Every record must be gone. Without leave() the group notices by its session timeout.
  /// @param within 0: the client is left to its thread
  void destroy(std::chrono::milliseconds within);

  /// allow.auto.create.topics
  [[nodiscard]] bool may_create_topics() const;
  /// What the cluster says of a topic now; creates it if may_create_topics() and the cluster does so.
  [[nodiscard]] rd_kafka_resp_err_t ask_for_topic(const std::string& topic, std::chrono::milliseconds within);

  [[nodiscard]] Reporter& reporter() const noexcept { return client_.reporter(); }
  /// With a fatal error, after which nothing can be committed.
  [[nodiscard]] bool failed() const {
    return client_.get() == nullptr || rd_kafka_fatal_error(client_.get(), nullptr, 0) != 0;
  }
  /// For tests, which break it; null once the group is being left.
  [[nodiscard]] rd_kafka_t* handle() const noexcept { return client_.get(); }
  /// max.poll.interval.ms
  [[nodiscard]] std::chrono::milliseconds max_poll_interval() const;

 private:
  void handle(rd_kafka_event_t* event, Listener& listener);
  void on_rebalance(rd_kafka_event_t* event, Listener& listener);
  void on_given(const rd_kafka_topic_partition_list_t* partitions, Listener& listener);
  void on_taken(const rd_kafka_topic_partition_list_t* partitions, Listener& listener);
  /// Begins to read. @return false when the client refused
  bool assign(std::span<const Assigned> partitions, Listener& listener);
  void look_for_places(Listener& listener);
  void ask_for_places();
  void report_waiting(std::span<const FoundPlace> places);
  void stop_asking();
  void forget_waiting();
  /// Waits until librdkafka's main thread has handled what it was given, where only that tells whether we are joining.
  void settle() const;
  void keep_what_cannot_be_destroyed();
  void report(rd_kafka_error_t* error, std::string_view doing);

  const PlaceOptions places_;
  Wakeup& wakeup_;
  Client client_;
  mutable std::shared_mutex leaving_mutex_;  // held by other threads' calls
  Queue events_;
  Queue commits_;
  bool commit_in_flight_ = false;
  std::shared_ptr<std::promise<void>> may_destroy_;  // once the group is being left
  bool ever_assigned_ = false;
  std::vector<TopicPartition> held_;  // in the client's assignment
  PlaceWatch waiting_;
  // The group's offsets are looked up on a thread of its own: they may take their time.
  struct Questions;
  std::shared_ptr<Questions> asked_;
  std::chrono::steady_clock::time_point ask_at_ = {};
  std::chrono::steady_clock::time_point rejoins_until_ = {};
  bool cooperative_ = false;  // known from the last assignment: asking while the group is left can hang
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_GROUP_CONSUMER_H_
