#include "kafka/group_settings.h"

#include <array>
#include <charconv>
#include <cstring>
#include <string_view>

#include "conveyor/error.h"

namespace conveyor::kafka {
namespace {

// Empty: there is no such property.
std::string property(rd_kafka_t* client, const char* name) {
  std::array<char, 256> text{};
  std::size_t size = text.size();
  const auto result = rd_kafka_conf_get(rd_kafka_conf(client), name, text.data(), &size);
  return result == RD_KAFKA_CONF_OK ? std::string(text.data()) : std::string();
}

}  // namespace

Properties group_defaults() {
  return {
      // Notice new partitions, and topics that are created after their consumer, within seconds.
      {"topic.metadata.refresh.interval.ms", "5000"},
      {"fetch.wait.max.ms", "100"},
      {"socket.nagle.disable", "true"},
      // Bound the memory in bytes only: each time the limit on the number of messages is reached, librdkafka stops
      // fetching for up to a second.
      {"queued.min.messages", "10000000"},
      {"queued.max.messages.kbytes", "65536"},
  };
}

Properties group_required(const Config& config) {
  if (config.group.empty()) {
    throw Error(errc::no_group,
                "no consumer group: set Config::group (CONVEYOR_GROUP), so that the group's offsets are kept");
  }
  return {
      {"group.id", config.group},
      {"enable.auto.commit", "false"},
      {"enable.auto.offset.store", "false"},
      // Reading begins where each assignment says; this property is for OFFSET_OUT_OF_RANGE. A lagging broker may
      // answer OFFSET_OUT_OF_RANGE for an existing offset. `earliest` makes that visible (records come again and are
      // dropped); `latest` would skip records silently.
      {"auto.offset.reset", "earliest"},
      // Only this event tells where a log ends, past the records that are not returned.
      {"enable.partition.eof", "true"},
  };
}

bool is_cooperative(rd_kafka_t* client) {
  const char* protocol = rd_kafka_rebalance_protocol(client);
  return protocol != nullptr && std::strcmp(protocol, "COOPERATIVE") == 0;
}

bool wants_cooperative(rd_kafka_t* client) {
  return property(client, "partition.assignment.strategy").find("cooperative-sticky") != std::string::npos;
}

bool creates_topics(rd_kafka_t* client) { return property(client, "allow.auto.create.topics") == "true"; }

std::chrono::milliseconds max_poll_interval(rd_kafka_t* client) {
  auto value = kMaxPollInterval.count();
  const std::string text = property(client, "max.poll.interval.ms");
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::chrono::milliseconds(value);
}

}  // namespace conveyor::kafka
