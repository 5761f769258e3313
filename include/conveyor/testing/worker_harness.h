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

/// A record that a worker sent, as it travels.
struct SentRecord {
  std::optional<std::string> key = {};
  std::optional<std::string> value = {};  ///< none: a tombstone
  std::vector<Header> headers = {};
  std::int32_t partition = -1;
};

/// Drives a worker in a test: without a broker, a thread or a sleep, in well under a millisecond for a record.
///
///     conveyor::Worker worker{config, {.retry = {.attempts = 3}, .dead_letter = {.enabled = true}}};
///     worker.transform(kJobs, kResults, work);
///     conveyor::testing::WorkerHarness harness{worker};
///     harness.give(kJobs, job, {.key = "customer-7"});
///     EXPECT_EQ(harness.sent(kResults).at(0).number(), 7);
///     EXPECT_TRUE(harness.dead_letters().empty());
///
/// Only Kafka, the threads and the clock are replaced. What is given is encoded as a Producer does; the worker decodes
/// it, calls its middleware and handlers, tries again, writes dead letters, encodes and commits by the code that a service
/// runs. Waits between attempts are skipped, and added up in waited().
///
/// - Whoever is called, is called on the test's thread. A worker of many threads has one here.
/// - A batch handler gets what one call gives, and waits for nothing more.
/// - Topics exist, with as many partitions as are named, and take everything.
/// - With ExactlyOnceOptions outputs and offsets are seen once a record is done, which is what a transaction makes of them.
///   What becomes of aborted ones is not tested; neither are rebalances, crashes and brokers that fail: use
///   EmbeddedBroker, or a real Kafka.
///
/// Thread safety: one thread at a time.
class CONVEYOR_EXPORT WorkerHarness {
 public:
  /// Makes the worker's handlers. @param worker with all of its handlers; must outlive the harness, and is not to be run
  /// meanwhile @throws Error as Worker::run does before it reads
  explicit WorkerHarness(const Worker& worker);
  ~WorkerHarness();
  WorkerHarness(WorkerHarness&&) noexcept;
  WorkerHarness& operator=(WorkerHarness&&) noexcept;

  /// Sends a message to the worker, which is done with it on return: handled, passed over, or a dead letter; its offset
  /// is committed.
  /// @param options with partition -1 it lies in partition 0
  /// @throws Error what ends the worker, as Worker::run would: a record without a dead letter, for one. Nothing more can
  ///         be given then. With errc::unknown_topic when the worker has no handler of the channel
  template <ProtobufMessage T>
  void give(const Channel<T>& channel, const std::type_identity_t<T>& message, const SendOptions& options = {}) {
    add(channel.topic(), channel.options(), message, detail::stamp_target(message), options);
    run();
  }
  /// The same with several, which the worker finds together: a batch handler gets them at once.
  template <ProtobufMessage T>
  void give_all(const Channel<T>& channel, std::span<const std::type_identity_t<T>> messages,
                const SendOptions& options = {}) {
    for (const T& message : messages) {
      add(channel.topic(), channel.options(), message, detail::stamp_target(message), options);
    }
    run();
  }
  /// The same with a record of any bytes. @param value none: a tombstone
  template <ProtobufMessage T>
  void give_bytes(const Channel<T>& channel, std::optional<std::string_view> value, const SendOptions& options = {}) {
    add_bytes(channel.topic(), value, options);
    run();
  }

  /// What the worker has sent to a channel so far, decoded as a consumer does. @throws DecodeError when it is no T
  template <ProtobufMessage T>
  [[nodiscard]] std::vector<T> sent(const Channel<T>& channel) const {
    std::vector<T> messages;
    for (const SentRecord& record : sent_records(channel.topic())) {
      decode(channel.topic(), channel.options(), record, messages.emplace_back());
    }
    return messages;
  }
  /// The same with keys and headers. @param topic without Config::topic_prefix
  [[nodiscard]] std::vector<SentRecord> sent_records(std::string_view topic) const;
  /// All that were written, oldest first.
  [[nodiscard]] std::vector<DeadLetter> dead_letters() const;
  /// The offset that the group would begin with; none: nothing of the partition was done.
  template <ProtobufMessage T>
  [[nodiscard]] std::optional<std::int64_t> committed(const Channel<T>& channel, std::int32_t partition = 0) const {
    return committed_offset(channel.topic(), partition);
  }

  [[nodiscard]] ConsumerCounters counters() const;
  /// How long records have waited to be tried again: so long the test would have taken.
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
