#ifndef CONVEYOR_SRC_KAFKA_GROUP_ERRORS_H_
#define CONVEYOR_SRC_KAFKA_GROUP_ERRORS_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "conveyor/error.h"

namespace conveyor::kafka {

/// What an error of the consumer group means to a member.
struct GroupErrorMeaning {
  enum class Action {
    kReport,         ///< report it; the client recovers by itself
    kEnd,            ///< waiting does not help: the member ends with `code`
    kRecreate,       ///< this client failed permanently, but another one may work
    kInstanceInUse,  ///< as kRecreate at first; as kEnd if it lasts: see InstanceWatch
    kTopicMissing,
  };
  Action action = Action::kReport;
  errc code = errc::retryable;
  std::string_view advice = {};  ///< what to change; it is appended to the error's own text
};

/// Uses protocol numbers for errors that older versions of librdkafka have no names for:
/// https://kafka.apache.org/protocol#protocol_error_codes
[[nodiscard]] GroupErrorMeaning meaning_of(rd_kafka_resp_err_t error) noexcept;

/// The client failed permanently by this error, and the next client would fail too, at least for a while.
[[nodiscard]] bool ends_member(rd_kafka_resp_err_t error) noexcept;
/// The errc that ends the member after a refused commit; nothing: the commit is tried again.
[[nodiscard]] std::optional<errc> commit_never_accepted(rd_kafka_resp_err_t error) noexcept;

/// Decides whether a group.instance.id in use belongs to another live member, or to one that was killed a moment ago
/// and whose session (45 s by default) the brokers have not ended yet.
///
/// Pure: no threads, no clock, no broker.
class InstanceWatch {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kSession{45};

  /// @return whether it has lasted too long
  [[nodiscard]] bool in_use(Clock::time_point now) noexcept {
    if (!since_) since_ = now;
    return now - *since_ >= kSession;
  }
  void joined() noexcept { since_.reset(); }

 private:
  std::optional<Clock::time_point> since_;
};

/// Decides when to report the same thing again, so that it is not reported all the time.
///
/// Pure: no threads, no clock.
template <class What>
class Repetition {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Repetition(std::chrono::milliseconds every) : every_(every) {}

  /// @return whether it is new, or was reported long ago
  [[nodiscard]] bool must_say(const What& what, Clock::time_point now) {
    if (said_ && *said_ == what && now - at_ < every_) return false;
    said_ = what;
    at_ = now;
    return true;
  }
  void over() noexcept { said_.reset(); }

 private:
  const std::chrono::milliseconds every_;
  std::optional<What> said_;
  Clock::time_point at_ = {};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_GROUP_ERRORS_H_
