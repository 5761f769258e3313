#ifndef CONVEYOR_SRC_KAFKA_CLIENT_H_
#define CONVEYOR_SRC_KAFKA_CLIENT_H_

#include <chrono>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "conveyor/config.h"
#include "conveyor/error.h"
#include "conveyor/observer.h"
#include "kafka/handle.h"
#include "kafka/join_watch.h"
#include "kafka/reporter.h"
#include "kafka/token_watch.h"

namespace conveyor::kafka {

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

  /// Handles an RD_KAFKA_EVENT_ERROR: reports it; @return the error when the client failed permanently
  rd_kafka_resp_err_t on_error_event(rd_kafka_event_t* event);
  /// Reports the error by which the client failed permanently; @return its text
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
