#include "support/secured_broker.h"

#include <gtest/gtest.h>

#include "conveyor/producer.h"
#include "support/group_protocol.h"
#include "support/raw_kafka.h"
#include "support/shared_by_all_tests.h"

namespace conveyor::tests {

namespace {

using Resource = KafkaRight::Resource;
using Operation = KafkaRight::Operation;

SharedByAllTests<SecuredKafka> shared_kafka;

Config quick(std::string bootstrap_servers) {
  Config config;
  config.bootstrap_servers = std::move(bootstrap_servers);
  config.properties = quick_properties();
  return config;
}

}  // namespace

SecuredKafka& secured_kafka() { return *shared_kafka; }

std::string bootstrap_servers() { return shared_kafka->cluster().bootstrap_servers(); }

Config config_of_group(std::string_view group) {
  Config config = quick(bootstrap_servers());
  config.group = group;
  return config;
}

void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>& configs) {
  shared_kafka->cluster().create_topic(topic, partitions, configs);
}

Config as_alice() {
  Config config = quick(shared_kafka->sasl_ssl());
  config.tls = {.enabled = true, .ca_file = shared_kafka->file("ca.pem")};
  config.sasl = {.mechanism = "PLAIN", .username = "alice", .password = std::string(SecuredKafka::kPassword)};
  return config;
}

Config as_alice_by_scram(std::string_view mechanism) {
  Config config = as_alice();
  config.sasl.mechanism = mechanism;
  config.sasl.password = SecuredKafka::kScramPassword;
  return config;
}

Config as_client() {
  Config config = quick(shared_kafka->mutual_tls());
  config.tls = {.enabled = true,
                .ca_file = shared_kafka->file("ca.pem"),
                .certificate_file = shared_kafka->file("client.crt"),
                .key_file = shared_kafka->file("encrypted.key"),
                .key_password = std::string(SecuredKafka::kKeyPassword)};
  return config;
}

Stage::Stage(std::string_view of_user) : user(of_user) { create_topic(dead_letters, 1); }

void Stage::let(Operation operation, std::string_view topic) {
  shared_kafka->admin().grant({user, operation, Resource::kTopic, std::string(topic)});
}
void Stage::let_not(Operation operation, std::string_view topic) {
  shared_kafka->admin().revoke({user, operation, Resource::kTopic, std::string(topic)});
}
void Stage::let_use_group(std::string_view name) {
  shared_kafka->admin().grant({user, Operation::kRead, Resource::kGroup, std::string(name)});
}
void Stage::let_not_use_group(std::string_view name) {
  shared_kafka->admin().revoke({user, Operation::kRead, Resource::kGroup, std::string(name)});
}
void Stage::let_read() {
  let(Operation::kRead, input.topic());
  let(Operation::kWrite, dead_letters);
  let_use_group(group);
}

void send_frames(const Channel<v1::Image>& channel, int count, int first) {
  Producer producer(config_of_group(""));
  v1::Image image;
  for (int i = first; i < first + count; ++i) {
    image.set_frame(i);
    producer.send(channel, image, {.key = std::to_string(i)});
  }
  ASSERT_EQ(producer.flush(std::chrono::seconds(30)).delivered, static_cast<std::uint64_t>(count));
}

std::size_t records_in(std::string_view topic, std::size_t expected) {
  return read_raw(topic, 1, expected + 1, expected == 0 ? std::chrono::seconds(1) : std::chrono::seconds(3)).size();
}

}  // namespace conveyor::tests
