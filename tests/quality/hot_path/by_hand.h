#ifndef CONVEYOR_TESTS_QUALITY_HOT_PATH_BY_HAND_H_
#define CONVEYOR_TESTS_QUALITY_HOT_PATH_BY_HAND_H_

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

#include "kafka/handle.h"

namespace conveyor::tests {

using RawClient = std::unique_ptr<rd_kafka_t, kafka::Deleter<rd_kafka_destroy>>;

/// The calls of librdkafka's C API that no sender can do without: a record goes out with its headers, from memory that
/// is there already.
///
/// Thread safety: one thread at a time.
class SenderByHand {
 public:
  SenderByHand(const std::string& bootstrap_servers, const std::string& topic, bool headers);

  /// @return whether librdkafka took it
  [[nodiscard]] bool send();

 private:
  const bool headers_;
  const std::string value_ = std::string(100, 'x');
  RawClient client_;
  kafka::Topic topic_;
};

/// Likewise of a receiver that looks at the headers: of one record after the other, from the topic's beginning on.
///
/// Thread safety: one thread at a time.
class ReceiverByHand {
 public:
  ReceiverByHand(const std::string& bootstrap_servers, const std::string& topic);

  /// @return whether a record came within half a minute
  [[nodiscard]] bool receive();

 private:
  RawClient client_;
};

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_QUALITY_HOT_PATH_BY_HAND_H_
