#include "conveyor/observer.h"

#include <cstddef>
#include <cstdio>
#include <string>

#include "base/printable.h"
#include "observe/library_log.h"

namespace conveyor {
namespace {

constexpr std::size_t kLongestLine = std::size_t{64} << 10;

class StderrObserver final : public Observer {
 public:
  explicit StderrObserver(Severity lowest) : lowest_(lowest) {}

  void on_log(const LogLine& line) override {
    if (line.severity < lowest_) return;
    static constexpr const char* kNames[] = {"debug", "info", "warning", "error"};
    std::string text;
    text.append(line.source).append(" ").append(kNames[static_cast<int>(line.severity)]).append(": ");
    text.append(printable(line.text, kLongestLine)).append("\n");  // the text may quote bytes from outside
    std::fwrite(text.data(), 1, text.size(), stderr);  // one call, so that lines of different threads do not mix
  }

 private:
  Severity lowest_;
};

}  // namespace

Observer::~Observer() = default;
void Observer::on_log(const LogLine&) {}
void Observer::on_event(const Event&) {}

std::shared_ptr<Observer> stderr_observer(Severity lowest) { return std::make_shared<StderrObserver>(lowest); }

const std::shared_ptr<Observer>& detail::default_observer() {
  static const auto& observer = *new std::shared_ptr<Observer>(stderr_observer());  // lives as long as the process
  return observer;
}

std::string_view name_of(Event::Kind kind) noexcept {
  switch (kind) {
    case Event::Kind::kRefused:
      return "refused";
    case Event::Kind::kDeliveryFailed:
      return "delivery_failed";
    case Event::Kind::kDropped:
      return "dropped";
    case Event::Kind::kDecodeFailed:
      return "decode_failed";
    case Event::Kind::kHandlerFailed:
      return "handler_failed";
    case Event::Kind::kRetried:
      return "retried";
    case Event::Kind::kDeadLettered:
      return "dead_lettered";
    case Event::Kind::kDeadLetterFailed:
      return "dead_letter_failed";
    case Event::Kind::kAssigned:
      return "assigned";
    case Event::Kind::kRevoked:
      return "revoked";
    case Event::Kind::kLost:
      return "lost";
    case Event::Kind::kCommitFailed:
      return "commit_failed";
    case Event::Kind::kTopicMissing:
      return "topic_missing";
    case Event::Kind::kBrokersDown:
      return "brokers_down";
    case Event::Kind::kClientError:
      return "client_error";
    case Event::Kind::kRecovered:
      return "recovered";
    case Event::Kind::kLogReplaced:
      return "log_replaced";
    case Event::Kind::kProbing:
      return "probing";
    case Event::Kind::kOutputFailed:
      return "output_failed";
    case Event::Kind::kExpired:
      return "expired";
  }
  return "unknown";
}

}  // namespace conveyor
