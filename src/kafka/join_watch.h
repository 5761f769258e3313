#ifndef CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_
#define CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_

#include <librdkafka/rdkafka.h>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace conveyor::kafka {

/// Whether a consumer has asked to join its group again and does not know its place yet.
///
/// A commit that is sent then waits at the broker until the joining is done, belongs to the generation before, and is
/// refused; before 2.10 librdkafka takes that for the loss of all partitions, also of those that a cooperative member
/// keeps (https://github.com/confluentinc/librdkafka/issues/4059). What librdkafka asks the brokers is seen by an
/// interceptor; nothing else tells.
///
/// Thread safety: all functions may be called from any thread.
class JoinWatch {
 public:
  /// It must live as long as the client that is made from this.
  void watch(rd_kafka_conf_t* conf);
  [[nodiscard]] bool joining() const noexcept { return joining_; }

 private:
  static rd_kafka_resp_err_t on_new(rd_kafka_t* client, const rd_kafka_conf_t*, void* watch, char*, std::size_t);
  static rd_kafka_resp_err_t on_request(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api_key, std::int16_t,
                                        std::int32_t, std::size_t, void* watch);
  static rd_kafka_resp_err_t on_response(rd_kafka_t*, int, const char*, std::int32_t, std::int16_t api_key,
                                         std::int16_t, std::int32_t, std::size_t, std::int64_t, rd_kafka_resp_err_t,
                                         void* watch);

  std::atomic<bool> joining_{false};
};

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_JOIN_WATCH_H_
