#ifndef CONVEYOR_OBSERVER_H_
#define CONVEYOR_OBSERVER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

#include "conveyor/export.h"

namespace conveyor {

enum class Severity { kDebug, kInfo, kWarning, kError };

/// One log line. The views live only during the call.
struct LogLine {
  Severity severity = Severity::kInfo;
  /// "conveyor", or the library that wrote the line: "librdkafka", "libprotobuf", ...
  std::string_view source = {};
  std::string_view text = {};
};

/// Something that happened or that the library decided. The views live only during the call.
struct Event {
  enum class Kind {
    kRefused,         ///< a send was not accepted; the text is that of the error that send throws
    kDeliveryFailed,  ///< an accepted send failed
    kDropped,         ///< a send was dropped because the queue was full (WhenFull::kDrop)
    kDecodeFailed,    ///< a record's bytes are not a message of the channel's type
    kHandlerFailed,   ///< a handler threw
    kRetried,         ///< a record will be tried again
    kDeadLettered,    ///< a record was written to its dead-letter topic
    /// a dead letter could not be written; it is tried again and nothing after the record is committed
    kDeadLetterFailed,
    kAssigned,      ///< this member reads the partition from now on
    kRevoked,       ///< the partition was revoked, and its finished records are committed
    kLost,          ///< the group gave the partition to another member; nothing more of it is committed here
    kCommitFailed,  ///< offsets were not committed; if no later commit succeeds, the records come again after a restart
    kTopicMissing,  ///< the cluster does not have the topic (yet)
    kBrokersDown,   ///< no broker can be reached at present; the clients keep trying
    kClientError,   ///< any other error that the Kafka client reports
    kRecovered,     ///< a Kafka client failed permanently and was recreated; the work goes on
    kLogReplaced,   ///< a topic was recreated, or its log ends before the read position; it is read from its beginning
    kProbing,       ///< a process died while it handled records of this partition; they are now handled one at a time
    kOutputFailed,  ///< an output's topic takes no records; the input waits, and nothing after it is committed
    kExpired,       ///< records were deleted before they were read, by retention or by DeleteRecords
  };
  Kind kind = Kind::kClientError;
  std::string_view topic = {};
  std::int32_t partition = -1;
  std::int64_t offset = -1;
  std::error_code error = {};
  std::string_view text = {};
};

/// The event's name in lower case with underscores, such as "delivery_failed".
[[nodiscard]] CONVEYOR_EXPORT std::string_view name_of(Event::Kind kind) noexcept;

/// Receives log lines and events. Logs, metrics and spans are built on it.
///
/// Set one as Config::observer. The functions are called from any thread, the Kafka client's own threads included, and
/// by several at the same time. They must be thread safe, return quickly, and not call back into the object that
/// reports. Their exceptions are swallowed.
///
/// Texts are UTF-8. Log lines of libraries that know nothing of Kafka, such as libprotobuf, go to the observer of every
/// live client. At most a few lines a minute of each such library pass; the number of dropped lines is reported.
class CONVEYOR_EXPORT Observer {
 public:
  virtual ~Observer();
  virtual void on_log(const LogLine& line);
  virtual void on_event(const Event& event);
};

/// Writes log lines of severity `lowest` or above to standard error, with control characters and invalid UTF-8 as \xNN.
/// It is used, with kWarning, where Config::observer is not set.
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<Observer> stderr_observer(Severity lowest = Severity::kWarning);

}  // namespace conveyor

#endif  // CONVEYOR_OBSERVER_H_
