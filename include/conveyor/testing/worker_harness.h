#ifndef CONVEYOR_TESTING_WORKER_HARNESS_H_
#define CONVEYOR_TESTING_WORKER_HARNESS_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "conveyor/channel.h"
#include "conveyor/counters.h"
#include "conveyor/dead_letters.h"
#include "conveyor/export.h"
#include "conveyor/message.h"
#include "conveyor/producer.h"
#include "conveyor/worker.h"

namespace conveyor::worker {
class DrivenRun;
}

namespace conveyor::testing {

/// A record that a worker sent, with the bytes that Kafka would store.
struct SentRecord {
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};  ///< none: a tombstone
  std::vector<Header> headers = {};
  std::int32_t partition = -1;
};

/// Runs a worker in a test without a broker, a thread or a sleep. A record takes well under a millisecond.
///
///     conveyor::Worker worker{config, {.retry = {.attempts = 3}, .dead_letter = {.enabled = true}}};
///     worker.transform(kJobs, kResults, work);
///     conveyor::testing::WorkerHarness harness{worker};
///     harness.give(kJobs, job, {.key = "customer-7"});
///     EXPECT_EQ(harness.sent(kResults).at(0).number(), 7);
///     EXPECT_TRUE(harness.dead_letters().empty());
///
/// The harness replaces only Kafka, the threads and the clock. It encodes each message as a Producer does. The worker
/// then runs the code of a service: it decodes the record, calls middleware and handlers, retries, writes dead letters,
/// encodes outputs and commits. The harness skips the waits between attempts, and waited() adds them up.
///
/// - Everything is called on the test's thread. A worker of many threads has one here.
/// - A batch handler gets the messages of one call of give() or give_all(), and does not wait for more.
/// - Every topic exists, has each partition that the test names, and accepts every record.
/// - With ExactlyOnceOptions, outputs and offsets become visible once a record is done, as those of a committed
///   transaction do.
///   The harness cannot test aborted transactions, rebalances, crashes or failing brokers: use EmbeddedBroker or a real
///   Kafka for those.
///
/// Thread safety: one thread at a time.
class CONVEYOR_EXPORT WorkerHarness {
 public:
  /// Makes the worker's handlers.
  /// @param worker has all of its handlers already. It must outlive the harness, and must not run meanwhile
  /// @throws Error as Worker::run does before it reads
  explicit WorkerHarness(const Worker& worker);
  ~WorkerHarness();
  WorkerHarness(WorkerHarness&&) noexcept;
  WorkerHarness& operator=(WorkerHarness&&) noexcept;

  /// Gives a message to the worker. On return the worker has handled it, skipped it or made it a dead letter, and has
  /// committed its offset.
  /// @param options partition -1 means partition 0 here
  /// @throws Error that ends the worker, as Worker::run does: for example when a record fails and dead letters are off.
  ///         The harness takes no more messages then. With errc::unknown_topic when the worker has no handler for the
  ///         channel
  template <ProtobufMessage T>
  void give(const Channel<T>& channel, const std::type_identity_t<T>& message, const SendOptions& options = {}) {
    add(channel.topic(), channel.options(), message, detail::stamp_target(message), options);
    run();
  }
  /// As give(), with several messages that the worker reads together: a batch handler gets them in one batch.
  template <ProtobufMessage T>
  void give_all(const Channel<T>& channel, std::span<const std::type_identity_t<T>> messages,
                const SendOptions& options = {}) {
    for (const T& message : messages) {
      add(channel.topic(), channel.options(), message, detail::stamp_target(message), options);
    }
    run();
  }
  /// As give(), with any bytes as the value. @param value none: a tombstone
  template <ProtobufMessage T>
  void give_bytes(const Channel<T>& channel, std::optional<std::string_view> value, const SendOptions& options = {}) {
    add_bytes(channel.topic(), value, options);
    run();
  }

  /// What the worker has sent to a channel so far, decoded as a consumer does.
  /// @throws DecodeError when a record is not a T
  template <ProtobufMessage T>
  [[nodiscard]] std::vector<T> sent(const Channel<T>& channel) const {
    std::vector<T> messages;
    for (const SentRecord& record : sent_records(channel.topic())) {
      decode(channel.topic(), channel.options(), record, messages.emplace_back());
    }
    return messages;
  }
  /// What the worker has sent, with keys and headers. @param topic without Config::topic_prefix
  [[nodiscard]] std::vector<SentRecord> sent_records(std::string_view topic) const;
  /// All dead letters that the worker has written, oldest first.
  [[nodiscard]] std::vector<DeadLetter> dead_letters() const;
  /// The offset at which the group would continue; none: the worker has committed nothing in this partition.
  template <ProtobufMessage T>
  [[nodiscard]] std::optional<std::int64_t> committed(const Channel<T>& channel, std::int32_t partition = 0) const {
    return committed_offset(channel.topic(), partition);
  }

  [[nodiscard]] ConsumerCounters counters() const;
  /// The sum of the backoffs that the harness has skipped. The test would have taken that much longer.
  [[nodiscard]] std::chrono::milliseconds waited() const;

 private:
  void add(std::string_view topic, const ChannelOptions& channel, const google::protobuf::Message& message,
           const detail::StampTarget& stamp, const SendOptions& options);
  void add_bytes(std::string_view topic, std::optional<std::string_view> value, const SendOptions& options);
  void run();
  void decode(std::string_view topic, const ChannelOptions& channel, const SentRecord& record,
              google::protobuf::Message& into) const;
  [[nodiscard]] std::optional<std::int64_t> committed_offset(std::string_view topic, std::int32_t partition) const;

  std::unique_ptr<worker::DrivenRun> run_;
};

}  // namespace conveyor::testing

#endif  // CONVEYOR_TESTING_WORKER_HARNESS_H_
