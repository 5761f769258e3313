#ifndef CONVEYOR_SRC_KAFKA_REPORTER_H_
#define CONVEYOR_SRC_KAFKA_REPORTER_H_

#include <librdkafka/rdkafka.h>

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "conveyor/observer.h"
#include "kafka/rejection.h"
#include "kafka/security.h"
#include "observe/library_log.h"

namespace conveyor::kafka {

/// Passes log lines and events on to the user's observer, whatever it throws, and while it lives those of other
/// libraries. Texts may quote records and exceptions: what is not UTF-8 in them becomes U+FFFD.
///
/// Thread safety: all functions may be called from any thread.
class Reporter {
 public:
  explicit Reporter(std::shared_ptr<Observer> observer);

  void log(Severity severity, std::string_view source, std::string_view text) noexcept;
  void event(const Event& event) noexcept;
  /// Tells the observer, and logs the event's text.
  void report(const Event& event, Severity severity) noexcept;

  /// The client's last complaint, for the texts of errors that are noticed later.
  [[nodiscard]] std::string last_complaint() const;
  [[nodiscard]] rd_kafka_resp_err_t last_error() const;
  void record_complaint(rd_kafka_resp_err_t error, std::string_view text);
  /// There is one at last: complaints of none are over.
  void token_given();
  /// Whether the brokers refuse the client, so that waiting for an answer does not help.
  [[nodiscard]] bool rejected() const;
  /// How the client's connections are secured, for advice; nothing secret is kept.
  [[nodiscard]] Security security() const;
  void secured_by(const Security& security);

 private:
  const std::shared_ptr<Observer> observer_;
  const detail::LibraryLogSubscription other_libraries_{observer_};
  mutable std::mutex mutex_;
  rd_kafka_resp_err_t last_error_ = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string last_complaint_;
  RejectionWatch rejections_;
  Security security_;  // without what is secret
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_REPORTER_H_
