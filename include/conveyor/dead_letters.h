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

// All topic names here are the broker's names: Conveyor does not add Config::topic_prefix.

namespace conveyor {

/// The stage at which a record failed.
enum class DeadLetterStage {
  kUnknown,  ///< not known: the record left no room for all of Conveyor's headers
  kDecode,   ///< its bytes are not a message of the channel's type
  kHandler,  ///< its handler threw, or an output of it was not delivered
  kCrash,    ///< the process died repeatedly while handling it
};

/// "unknown", "decode", "handler" or "crash", as in the header conveyor-dlt-stage.
[[nodiscard]] CONVEYOR_EXPORT std::string_view name_of(DeadLetterStage stage) noexcept;

/// A record that a worker could not handle, as stored in the dead-letter topic.
struct DeadLetter {
  std::string topic = {};  ///< the dead-letter topic, such as "orders-dlt"
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::chrono::system_clock::time_point timestamp = {};  ///< when it was written to the dead-letter topic

  /// The record as the worker read it.
  struct Origin {
    std::string topic = {};
    std::int32_t partition = -1;
    std::int64_t offset = -1;
    std::chrono::system_clock::time_point timestamp = {};  ///< the record's own; 1970 when not known
    std::string group = {};                                ///< the worker's consumer group
  };
  Origin origin = {};

  DeadLetterStage stage = DeadLetterStage::kUnknown;
  std::string error = {};
  int attempts = 0;
  std::string service = {};  ///< Config::service of the worker

  std::optional<std::string> key = {};
  std::optional<std::string> value = {};  ///< as received, not decompressed; none: a tombstone
  std::vector<Header> headers = {};       ///< the headers that the worker received
};

/// Selects dead letters. A dead letter must meet all conditions that are set.
struct DeadLetterFilter {
  std::vector<std::string> topics = {};      ///< from one of these origin topics; none: from any
  std::vector<DeadLetterStage> stages = {};  ///< failed at one of these stages; none: at any
  /// Written to the dead-letter topic at this time or later. This is the dead letter's own timestamp, not the record's.
  std::optional<std::chrono::system_clock::time_point> since = {};
  std::optional<std::chrono::system_clock::time_point> until = {};  ///< written before this time
  std::optional<std::int32_t> partition = {};                       ///< of the dead-letter topic
  std::int64_t first_offset = 0;                                    ///< in the dead-letter topic
  std::int64_t last_offset = std::numeric_limits<std::int64_t>::max();
  std::size_t limit = std::numeric_limits<std::size_t>::max();  ///< at most this many
};

/// A record that was skipped or not sent, with the reason.
struct DeadLetterProblem {
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::string text = {};
};

struct ReadDeadLettersOptions {
  std::stop_token stop = {};  ///< ends the read; see stop_on_signals()
  /// How long the brokers may send neither an answer nor a record before the call throws.
  std::chrono::milliseconds broker_timeout{30'000};
};

struct DeadLettersReport {
  std::uint64_t matched = 0;  ///< dead letters given to the callback
  std::uint64_t foreign = 0;  ///< records that no worker wrote: their headers do not say where they came from
  std::vector<DeadLetterProblem> problems = {};  ///< about the foreign records; the first hundred
  bool stopped = false;                          ///< the stop token ended the read early
};

/// Reads the dead letters that a topic holds now, partition by partition, from the oldest to the newest.
///
///     conveyor::read_dead_letters(config, "orders-dlt", {.since = yesterday},
///                                 [](const conveyor::DeadLetter& letter) { show(letter); });
///
/// It reads each partition up to the end offset that the partition has when the call begins. It joins no consumer group
/// and commits nothing. Of transactions it reads only committed records, unless the Kafka property isolation.level says
/// otherwise. An exception of the callback ends the read and reaches the caller.
///
/// Thread safety: may be called from any thread; it calls the callback on the same thread.
/// @throws Error with errc::unknown_topic, invalid_topic, not_authorized, broker_unreachable, timed_out, invalid_config
///         or unknown_property
CONVEYOR_EXPORT DeadLettersReport read_dead_letters(const Config& config, std::string_view topic,
                                                    const DeadLetterFilter& filter,
                                                    const std::function<void(const DeadLetter&)>& each,
                                                    const ReadDeadLettersOptions& options = {});

struct ReplayOptions {
  bool dry_run = false;  ///< sends and commits nothing; `each` and `matched` show what would be sent
  /// The consumer group whose committed offsets store how far the replay came. The next replay continues there. Empty:
  /// each replay begins with the oldest dead letter. With a group, set only the filters `partition` and `limit`: dead
  /// letters that another filter leaves out would never be replayed. Use a group that nothing else uses, and run one
  /// replay at a time.
  std::string group = {};
  std::stop_token stop = {};                            ///< ends sending; waits for the outstanding deliveries
  std::chrono::milliseconds broker_timeout{30'000};     ///< as in ReadDeadLettersOptions
  std::chrono::milliseconds delivery_timeout{120'000};  ///< as in ProducerOptions
  std::function<void(const DeadLetter&)> each = {};  ///< called before each dead letter is sent, on the calling thread
};

struct ReplayReport {
  std::uint64_t matched = 0;
  std::uint64_t sent = 0;                        ///< sent and acknowledged
  std::uint64_t failed = 0;                      ///< not acknowledged
  std::uint64_t foreign = 0;                     ///< as in DeadLettersReport
  std::vector<DeadLetterProblem> problems = {};  ///< about the failed and the foreign records; the first hundred
  bool stopped = false;
};

/// Sends dead letters to the topics they came from, once each. It returns when every one is acknowledged or has failed.
///
///     const auto report = conveyor::replay_dead_letters(config, "orders-dlt",
///                                                       {.stages = {DeadLetterStage::kHandler}});
///
/// A record is sent with its original key, value and headers, to the partition it came from. If the topic has fewer
/// partitions now, the key chooses one. The header `conveyor-replayed-from: orders-dlt/0/17` is added; it replaces
/// the one of an earlier replay. The timestamp is the time of the replay. Every consumer group of the topic gets the
/// record again, not only the one whose worker failed. The order within a partition is kept.
///
/// The dead letters stay in their topic. Another run sends them again, unless a filter leaves them out or
/// ReplayOptions::group has stored how far the replay came. With a group, the next run begins in each partition at the
/// first dead letter that failed. Foreign records are skipped.
///
/// A dead letter that cannot be sent counts as failed, and the report names the reason. The others are still sent.
///
/// Thread safety: may be called from any thread.
/// @throws Error as read_dead_letters does, with errc::invalid_config for a group together with a filter, and when the
///         group's offsets can be neither read nor written
CONVEYOR_EXPORT ReplayReport replay_dead_letters(const Config& config, std::string_view topic,
                                                 const DeadLetterFilter& filter = {},
                                                 const ReplayOptions& options = {});

}  // namespace conveyor

#endif  // CONVEYOR_DEAD_LETTERS_H_
