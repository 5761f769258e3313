#ifndef CONVEYOR_SRC_KAFKA_GROUP_ERRORS_H_
#define CONVEYOR_SRC_KAFKA_GROUP_ERRORS_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <optional>
#include <string_view>

#include "conveyor/error.h"

namespace conveyor::kafka {

/// What an error of its group means to a member.
struct GroupErrorMeaning {
  enum class Action {
    kReport,         ///< the client goes on by itself
    kEnd,            ///< it will never be otherwise: the member ends with `code`
    kRecreate,       ///< this client failed permanently, another one may work
    kInstanceInUse,  ///< as kRecreate, but where it lasts, as kEnd: see InstanceWatch
    kTopicMissing,
  };
  Action action = Action::kReport;
  errc code = errc::retryable;
  std::string_view advice = {};  ///< what to change, to stand behind the error's own text
};

/// Numbers of the protocol stand for errors that older versions of librdkafka have no names for:
/// https://kafka.apache.org/protocol#protocol_error_codes
[[nodiscard]] GroupErrorMeaning meaning_of(rd_kafka_resp_err_t error) noexcept;

/// A client failed for good by it, and the next one would, or would for a while.
[[nodiscard]] bool ends_member(rd_kafka_resp_err_t error) noexcept;
/// What a refused commit means. @return the errc to end with; none: the commit is tried again
[[nodiscard]] std::optional<errc> commit_never_accepted(rd_kafka_resp_err_t error) noexcept;

/// Whether a group.instance.id that is in use belongs to another live member, or to one that was killed a moment ago
/// and whose session, 45 s by default, the brokers still wait for.
///
/// A decision without threads, clock or broker.
class InstanceWatch {
 public:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kSession{45};

  /// @return whether it lasts too long
  [[nodiscard]] bool in_use(Clock::time_point now) noexcept {
    if (!since_) since_ = now;
    return now - *since_ >= kSession;
  }
  void joined() noexcept { since_.reset(); }

 private:
  std::optional<Clock::time_point> since_;
};

/// Says the same again, but not all the time.
///
/// A decision without threads or clock.
template <class What>
class Repetition {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Repetition(std::chrono::milliseconds every) : every_(every) {}

  /// @return whether it is new, or was said long ago
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
