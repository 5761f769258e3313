#ifndef CONVEYOR_SRC_KAFKA_TOKEN_WATCH_H_
#define CONVEYOR_SRC_KAFKA_TOKEN_WATCH_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <stop_token>
#include <thread>

#include "base/thread_annotations.h"

namespace conveyor::kafka {

/// Whether a client that asks an endpoint for tokens has received the first one.
///
/// librdkafka asks on a thread of its own. It connects to no broker before the token arrives, and reports a silent
/// endpoint only after 20 seconds. An interceptor sees the first connection that the client begins; nothing else tells
/// that the token arrived.
///
/// Thread safety: all functions may be called from any thread.
class TokenWatch {
 public:
  static constexpr std::chrono::seconds kTellAfter{5};

  /// @param missing called once, on a thread of its own, when there is no token after kTellAfter
  /// @param given called once, on a librdkafka thread, when there is one
  TokenWatch(std::function<void()> missing, std::function<void()> given);

  /// Installs the interceptor. This object must live as long as the client that is made from the configuration.
  void watch(rd_kafka_conf_t* conf);
  /// The client asks for a token from now on.
  void begin();
  /// Nobody needs to be called any more.
  void end();
  [[nodiscard]] bool waiting() const;

 private:
  static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* watch, char*, std::size_t);
  static rd_kafka_resp_err_t on_state(rd_kafka_t*, std::int32_t, const char*, const char*, int, const char* state,
                                      void* watch);
  void wait(const std::stop_token& stop);

  const std::function<void()> missing_;
  const std::function<void()> given_;
  mutable Mutex mutex_;
  std::condition_variable_any changed_;
  bool waiting_ CONVEYOR_GUARDED_BY(mutex_) = true;
  std::jthread thread_;
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_TOKEN_WATCH_H_
