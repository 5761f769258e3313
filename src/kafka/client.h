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
#include "conveyor/export.h"
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
/// Its destruction can hang inside librdkafka, so a thread of its own does it, and this class waits for that thread
/// only for a limited time. Everything the handle may still read is kept until that thread is done.
class Client {
 public:
  /// @param defaults Config::properties override them
  /// @param required they override Config::properties
  /// @param reporter that of the client that this one replaces; null: a new one
  /// @throws Error with errc::unknown_property or errc::invalid_config
  Client(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required,
         int enabled_events, std::shared_ptr<Reporter> reporter = nullptr);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  [[nodiscard]] rd_kafka_t* get() const noexcept { return handle_; }
  [[nodiscard]] Reporter& reporter() const noexcept { return *reporter_; }

  /// Calls `last` with the handle and then destroys the handle, both on a thread of its own, because each of these
  /// librdkafka calls can hang.
  /// @param last may be empty; it is destroyed before the handle
  /// @param keep lives until the handle is destroyed
  void begin_destroy(std::function<void(rd_kafka_t*)> last = {}, std::shared_ptr<void> keep = {});
  /// For consumers: whether the client is joining its group again at present.
  [[nodiscard]] JoinWatch& join_watch() const noexcept;

  /// Call before begin_destroy(): the handle is then closed but not destroyed, because librdkafka would abort. Its
  /// threads live as long as the process.
  void do_not_destroy() noexcept { kept_ = true; }
  /// @return false when the handle was not destroyed within the time; its thread then continues alone
  bool wait_until_gone(std::chrono::milliseconds within);
  /// Whether the destruction that was begun has ended.
  [[nodiscard]] bool is_gone() const;

  /// Reports an RD_KAFKA_EVENT_ERROR. @return the error if it is fatal, else RD_KAFKA_RESP_ERR_NO_ERROR
  rd_kafka_resp_err_t on_error_event(rd_kafka_event_t* event);
  /// Reports the fatal error. @return its text
  std::string report_fatal();

  /// Returns once a broker answers. @throws Error with errc::broker_unreachable or errc::not_authorized
  void wait_until_connected(std::chrono::milliseconds within, std::string_view bootstrap_servers);

 private:
  std::shared_ptr<Reporter> reporter_;
  std::shared_ptr<ClientLog> log_;
  std::shared_ptr<TokenWatch> tokens_;  // null for a client that asks no endpoint for tokens
  rd_kafka_t* handle_ = nullptr;
  bool kept_ = false;
  std::future<void> gone_;
};

/// Throws what Client's constructor would throw, but makes no connection and loads no plugins.
void check_client(rd_kafka_type_t type, const Config& config, const Properties& defaults, const Properties& required);

/// The error for "no broker answered", with the address and the client's last error. Exported for the command.
[[nodiscard]] CONVEYOR_EXPORT Error unreachable(const Reporter& reporter, std::string_view bootstrap_servers,
                                                std::chrono::milliseconds waited);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_CLIENT_H_
