#ifndef CONVEYOR_SRC_KAFKA_REPORTER_H_
#define CONVEYOR_SRC_KAFKA_REPORTER_H_

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <string_view>

#include "base/thread_annotations.h"
#include "conveyor/observer.h"
#include "kafka/connection_failure.h"
#include "kafka/security.h"
#include "observe/library_log.h"

namespace conveyor::kafka {

/// Passes log lines and events to the user's observer and swallows its exceptions. While it lives, the observer also
/// gets the lines of other libraries. Texts may quote records and exceptions, so everything in them that is not UTF-8
/// becomes U+FFFD.
///
/// Thread safety: all functions may be called from any thread.
class Reporter {
 public:
  explicit Reporter(std::shared_ptr<Observer> observer);

  void log(Severity severity, std::string_view source, std::string_view text) noexcept;
  void event(const Event& event) noexcept;
  /// Reports the event to the observer, and logs its text.
  void report(const Event& event, Severity severity) noexcept;

  /// The last error that the client reported, for errors that are noticed later.
  [[nodiscard]] std::string last_error_text() const;
  [[nodiscard]] rd_kafka_resp_err_t last_error() const;
  void record_error(rd_kafka_resp_err_t error, std::string_view text);
  /// A token has arrived: errors about a missing token no longer count.
  void token_given();
  /// Whether the brokers refuse the client, so that waiting for an answer does not help.
  [[nodiscard]] bool rejected() const;
  /// How the client's connections are secured, for advice in error texts; without secrets.
  [[nodiscard]] Security security() const;
  void secured_by(const Security& security);

 private:
  const std::shared_ptr<Observer> observer_;
  const detail::LibraryLogSubscription other_libraries_{observer_};
  mutable Mutex mutex_;
  rd_kafka_resp_err_t last_error_ CONVEYOR_GUARDED_BY(mutex_) = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string last_error_text_ CONVEYOR_GUARDED_BY(mutex_);
  ConnectionFailureWatch connection_failures_ CONVEYOR_GUARDED_BY(mutex_);
  Security security_ CONVEYOR_GUARDED_BY(mutex_);  // without secrets
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_REPORTER_H_
