#ifndef CONVEYOR_TESTS_SUPPORT_SECURED_BROKER_H_
#define CONVEYOR_TESTS_SUPPORT_SECURED_BROKER_H_

#include <string>
#include <string_view>

#include "conveyor/channel.h"
#include "conveyor/config.h"
#include "conveyor/v1/image.pb.h"
#include "conveyor/v1/prediction.pb.h"
#include "support/broker.h"
#include "support/kafka_cluster/secured_kafka.h"

namespace conveyor::tests {

// The broker of broker.h is the secured one, where those functions are its administrator.

[[nodiscard]] SecuredKafka& secured_kafka();

/// alice, with her password, by TLS.
[[nodiscard]] Config as_alice();
/// alice, with her other password. @param mechanism SCRAM-SHA-256 or SCRAM-SHA-512
[[nodiscard]] Config as_alice_by_scram(std::string_view mechanism);
/// A client that shows its certificate, with a key that a password protects.
[[nodiscard]] Config as_client();

/// A way through a service: topics and a group of its own, to which nobody has any right yet.
struct Stage {
  explicit Stage(std::string_view of_user);

  void let(KafkaRight::Operation operation, std::string_view topic);
  void let_not(KafkaRight::Operation operation, std::string_view topic);
  void let_use_group(std::string_view name);
  void let_not_use_group(std::string_view name);
  /// Everything that reading the input and writing its dead letters takes.
  void let_read();

  const std::string user;
  const std::string group = unique_name("group");
  const Channel<v1::Image> input = new_channel<v1::Image>();
  const Channel<v1::Prediction> output = new_channel<v1::Prediction>();
  const std::string dead_letters = std::string(input.topic()) + "-dlt";
};

/// As the administrator. @param first the number of the first one
void send_frames(const Channel<v1::Image>& channel, int count, int first = 0);
[[nodiscard]] std::size_t records_in(std::string_view topic, std::size_t expected);

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_SECURED_BROKER_H_
