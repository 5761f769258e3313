#ifndef CONVEYOR_OBSERVER_H_
#define CONVEYOR_OBSERVER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <system_error>

#include "conveyor/export.h"

namespace conveyor {

enum class Severity { kDebug, kInfo, kWarning, kError };

/// One line for a log. The views live only during the call.
struct LogLine {
  Severity severity = Severity::kInfo;
  /// "conveyor", or the library whose own line it is: "librdkafka", "libprotobuf", ...
  std::string_view source = {};
  std::string_view text = {};
};

/// Something the library decided or met. The views live only during the call.
struct Event {
  enum class Kind {
    kRefused,           ///< a send was not accepted; the text is what send throws
    kDeliveryFailed,    ///< an accepted send could not be delivered
    kDropped,           ///< a send was dropped because the queue was full (WhenFull::kDrop)
    kDecodeFailed,      ///< a record's bytes are not a message of the channel's type
    kHandlerFailed,     ///< a handler threw
    kRetried,           ///< a record will be tried again
    kDeadLettered,      ///< a record was written to its dead-letter topic
    kDeadLetterFailed,  ///< it could not be written; it is tried again and nothing past the record is committed
    kAssigned,          ///< this member now reads the partition
    kRevoked,           ///< the partition was given back, its finished records committed
    kLost,              ///< the partition was taken away; nothing more of it is committed
    kCommitFailed,      ///< offsets were not committed; the records come again after a restart
    kTopicMissing,      ///< the cluster has no such topic (yet)
    kBrokersDown,       ///< no broker can be reached at present; clients go on trying
    kClientError,       ///< any other report of the Kafka client
    kRecovered,         ///< a Kafka client that failed permanently was recreated, and the work goes on
    kLogReplaced,       ///< a topic was recreated, or its log ends before what was read: it is read from its beginning
    kProbing,           ///< a process died with records of this partition in hand: they are handled one at a time
    kOutputFailed,      ///< an output's topic takes no records; the input waits, and nothing past it is committed
    kExpired,           ///< records were deleted before they were read, by the topic's retention or by somebody
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

/// Receives what the library logs and decides; logs, metrics and spans are built on it.
///
/// Set one as Config::observer. The functions are called from any thread, the Kafka client's own included, also at the
/// same time: they must be thread safe, quick, and must not call back into the object that reports. What they throw is
/// swallowed.
///
/// Texts are UTF-8. Lines of libraries that know nothing of Kafka, such as libprotobuf, go to the observer of every
/// client that lives; no more than a few a minute of each library, with a count of those that were left out.
class CONVEYOR_EXPORT Observer {
 public:
  virtual ~Observer();
  virtual void on_log(const LogLine& line);
  virtual void on_event(const Event& event);
};

/// Writes log lines from `lowest` up to standard error, control characters and foreign bytes as \xNN; used where
/// Config::observer is not set, with kWarning.
[[nodiscard]] CONVEYOR_EXPORT std::shared_ptr<Observer> stderr_observer(Severity lowest = Severity::kWarning);

}  // namespace conveyor

#endif  // CONVEYOR_OBSERVER_H_
