#ifndef CONVEYOR_SRC_KAFKA_CLIENT_H_
#define CONVEYOR_SRC_KAFKA_CLIENT_H_

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "conveyor/config.h"
#include "conveyor/error.h"
#include "conveyor/observer.h"
#include "kafka/handle.h"
#include "kafka/join_watch.h"
#include "kafka/rejection.h"
#include "kafka/security.h"
#include "kafka/token_watch.h"
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
  void note_complaint(rd_kafka_resp_err_t error, std::string_view text);
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

using Properties = std::map<std::string, std::string, std::less<>>;

struct ClientLog;

/// One librdkafka client handle.
///
/// Its destruction can hang inside librdkafka; it is therefore done on a thread of its own, which is waited for only so
/// long. What the handle may still read is kept until that thread is done.
class Client {
 public:
  /// @param defaults may be overridden by Config::properties
  /// @param required win over them
  /// @param reporter of an earlier client whose place this one takes; none: its own
  /// @throws Error with errc::unknown_property or errc::invalid_config
  Client(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required,
         int enabled_events, std::shared_ptr<Reporter> reporter = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] rd_kafka_t* get() const noexcept { return handle_; }
  [[nodiscard]] Reporter& reporter() const noexcept { return *reporter_; }

  /// Does a last thing with the handle and destroys it, on a thread of its own: each of librdkafka's calls in there can
  /// hang. @param last may be empty; what it holds is destroyed before the handle
  /// @param keep lives until the handle is gone
  void begin_destroy(std::function<void(rd_kafka_t*)> last = {}, std::shared_ptr<void> keep = {});
  /// Of a consumer: whether it joins its group again at present.
  [[nodiscard]] JoinWatch& join_watch() const noexcept;

  /// To be said before begin_destroy(): the handle is closed but not destroyed, because librdkafka would abort; its
  /// threads live as long as the process.
  void do_not_destroy() noexcept { kept_ = true; }
  /// @return false when the handle was not gone within the time; it is then left to its thread
  bool wait_until_gone(std::chrono::milliseconds within);
  /// Whether a destruction that was begun has ended.
  [[nodiscard]] bool is_gone() const;

  /// Handles an RD_KAFKA_EVENT_ERROR: reports it; @return the error when the client cannot go on
  rd_kafka_resp_err_t on_error_event(rd_kafka_event_t* event);
  /// Reports the error after which the client cannot go on; @return its text
  std::string report_fatal();

  /// Returns once a broker answers. @throws Error with errc::broker_unreachable or errc::not_authorized
  void wait_until_connected(std::chrono::milliseconds within, std::string_view bootstrap_servers);

 private:
  std::shared_ptr<Reporter> reporter_;
  std::shared_ptr<ClientLog> log_;
  std::shared_ptr<TokenWatch> tokens_;  // none: of a client that asks nobody
  rd_kafka_t* handle_ = nullptr;
  bool kept_ = false;
  std::future<void> gone_;
};

/// Throws what Client's constructor would, without connecting to anybody and without loading plugins.
void check_client(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required);

/// Why no broker answered, naming the address and the client's last complaint.
[[nodiscard]] Error unreachable(const Reporter& reporter, std::string_view bootstrap_servers,
                                std::chrono::milliseconds waited);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_CLIENT_H_
