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
      // New partitions, and topics that appear after their consumer, are noticed within seconds.
      {"topic.metadata.refresh.interval.ms", "5000"},
      {"fetch.wait.max.ms", "100"},
      {"socket.nagle.disable", "true"},
      // A limit on the count stops fetching for up to a second each time it is met; the one on bytes bounds memory.
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
      // Where reading begins is said with each assignment. This is for an offset that a broker says it has not, and
      // which one that lags behind may say of a record that is there: coming from before it shows, skipping does not.
      {"auto.offset.reset", "earliest"},
      // Where a log ends, behind what is not handed out, is not known in any other way.
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
