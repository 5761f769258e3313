#ifndef CONVEYOR_DEAD_LETTERS_H_
#define CONVEYOR_DEAD_LETTERS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "conveyor/config.h"
#include "conveyor/export.h"
#include "conveyor/message.h"

// Topics are named here as the broker names them, with Config::topic_prefix where one is used: it is not added.

namespace conveyor {

/// At which stage a record failed.
enum class DeadLetterStage {
  kUnknown,  ///< not said, because the record left no room for all our headers
  kDecode,   ///< its bytes are not a message of the channel's type
  kHandler,  ///< its handler threw, or what it sent was not delivered
  kCrash,    ///< it ended the process again and again
};

/// "unknown", "decode", "handler" or "crash", as the header conveyor-dlt-stage has it.
[[nodiscard]] CONVEYOR_EXPORT std::string_view name_of(DeadLetterStage stage) noexcept;

/// A record that a worker could not handle, as it lies in its dead-letter topic.
struct DeadLetter {
  std::string topic = {};  ///< where it lies, such as "orders-dlt"
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::chrono::system_clock::time_point timestamp = {};  ///< when it was written there

  /// Where the record came from.
  struct Origin {
    std::string topic = {};
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::chrono::system_clock::time_point timestamp = {};  ///< the record's own; 1970 where it is not known
    std::string group = {};                                ///< whose worker it was
  };
  Origin origin = {};

  DeadLetterStage stage = DeadLetterStage::kUnknown;
  std::string error = {};
  int attempts = 0;
  std::string service = {};  ///< Config::service of the worker

  std::optional<std::string> key = {};
  std::optional<std::string> value = {};  ///< as it travelled; none: a tombstone
  std::vector<Header> headers = {};       ///< those the record came with
};

/// Which dead letters are meant; all of those given must hold.
struct DeadLetterFilter {
  std::vector<std::string> topics = {};      ///< they came from one of these; none: from any
  std::vector<DeadLetterStage> stages = {};  ///< they failed at one of these; none: at any
  /// Written to the dead-letter topic at this time or later: the dead letter's own timestamp, not the record's.
  std::optional<std::chrono::system_clock::time_point> since = {};
  std::optional<std::chrono::system_clock::time_point> until = {};  ///< written before this time
  std::optional<std::int32_t> partition = {};                       ///< of the dead-letter topic
  std::int64_t first_offset = 0;                                    ///< in the dead-letter topic
  std::int64_t last_offset = std::numeric_limits<std::int64_t>::max();
  std::size_t limit = std::numeric_limits<std::size_t>::max();  ///< no more than so many
};

/// A record that was left out, or not sent, and why.
struct DeadLetterProblem {
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::string text = {};
};

struct ReadDeadLettersOptions {
  std::stop_token stop = {};  ///< ends the reading; see stop_on_signals()
  /// How long the brokers may give no answer, or no record, before the call throws.
  std::chrono::milliseconds broker_timeout{30'000};
};

struct DeadLettersReport {
  std::uint64_t matched = 0;  ///< given to the callback
  std::uint64_t foreign = 0;  ///< records that no worker wrote: their headers do not say where they came from
  std::vector<DeadLetterProblem> problems = {};  ///< the foreign ones; the first hundred
  bool stopped = false;                          ///< by the stop token, before the end
};

/// Reads the dead letters that lie in a topic now, from the oldest on, partition by partition.
///
///     conveyor::read_dead_letters(config, "orders-dlt", {.since = yesterday},
///                                 [](const conveyor::DeadLetter& letter) { show(letter); });
///
/// It reads to the ends that the partitions have when it begins, belongs to no group, and commits nothing. What a
/// transaction has not committed is not read, unless the Kafka property isolation.level says so. What the callback
/// throws ends the reading and is passed on.
///
/// Thread safety: may be called from any thread; the callback is called on it.
/// @throws Error with errc::unknown_topic, invalid_topic, not_authorized, broker_unreachable, timed_out, invalid_config
///         or unknown_property
CONVEYOR_EXPORT DeadLettersReport read_dead_letters(const Config& config, std::string_view topic,
                                                    const DeadLetterFilter& filter,
                                                    const std::function<void(const DeadLetter&)>& each,
                                                    const ReadDeadLettersOptions& options = {});

struct ReplayOptions {
  bool dry_run = false;  ///< sends and remembers nothing; `each` and `matched` tell what would be sent
  /// Remembers how far it came, as the offsets of this consumer group, and goes on there the next time; empty: begins
  /// with the oldest dead letter each time. It cannot be combined with filters other than `partition` and `limit`: what
  /// they leave out would never be replayed. Use a name of its own, and one replay at a time.
  std::string group = {};
  std::stop_token stop = {};                            ///< begins no more; what was sent is waited for
  std::chrono::milliseconds broker_timeout{30'000};     ///< as in ReadDeadLettersOptions
  std::chrono::milliseconds delivery_timeout{120'000};  ///< as in ProducerOptions
  std::function<void(const DeadLetter&)> each = {};     ///< called before each is sent, on the calling thread
};

struct ReplayReport {
  std::uint64_t matched = 0;
  std::uint64_t sent = 0;                        ///< and acknowledged
  std::uint64_t failed = 0;                      ///< not acknowledged
  std::uint64_t foreign = 0;                     ///< as in DeadLettersReport
  std::vector<DeadLetterProblem> problems = {};  ///< the failed and the foreign ones; the first hundred
  bool stopped = false;
};

/// Sends dead letters to the topics they came from, once each, and returns when every one is acknowledged or has
/// failed.
///
///     const auto report = conveyor::replay_dead_letters(config, "orders-dlt",
///                                                       {.stages = {DeadLetterStage::kHandler}});
///
/// A record is sent with the key, value and headers it first had, to the partition it came from (where the topic has
/// fewer by now: to that of its key), and gets the header `conveyor-replayed-from: orders-dlt/0/17`, which replaces
/// that of an earlier replay. Its timestamp is that of the replay. Every consumer group of the topic sees it again, not
/// only the one whose worker failed. The order within a partition is kept.
///
/// The dead letters stay where they are: another run sends them again, unless a filter leaves them out or
/// ReplayOptions::group remembers. With a group, a dead letter that failed, and those behind it in its partition, are
/// sent again by the next run; foreign records are passed over.
///
/// A dead letter that cannot be sent counts as failed, with its reason, and the others go on.
///
/// Thread safety: may be called from any thread.
/// @throws Error as read_dead_letters does, with errc::invalid_config for a group together with a filter, and when the
///         group's offsets can be neither read nor written
CONVEYOR_EXPORT ReplayReport replay_dead_letters(const Config& config, std::string_view topic,
                                                 const DeadLetterFilter& filter = {},
                                                 const ReplayOptions& options = {});

}  // namespace conveyor

#endif  // CONVEYOR_DEAD_LETTERS_H_
