#ifndef CONVEYOR_TESTS_SUPPORT_GROUP_PROTOCOL_H_
#define CONVEYOR_TESTS_SUPPORT_GROUP_PROTOCOL_H_

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace conveyor::tests {

/// Whether the groups of this run use the protocol of KIP-848, in which brokers say how long a session lasts and how
/// often members report, and clients refuse to: the environment variable TEST_GROUP_PROTOCOL is "consumer".
[[nodiscard]] inline bool uses_consumer_protocol() {
  const char* const protocol = std::getenv("TEST_GROUP_PROTOCOL");
  return protocol != nullptr && std::string_view(protocol) == "consumer";
}

/// Sets the group's protocol, and how long a member may be silent as far as the client decides that.
inline void set_session_timeout(std::map<std::string, std::string>& properties, std::string_view milliseconds) {
  if (uses_consumer_protocol()) {
    properties["group.protocol"] = "consumer";
  } else {
    properties["session.timeout.ms"] = milliseconds;
  }
}

/// The same, and lets members notice a rebalance quickly.
inline void join_quickly(std::map<std::string, std::string>& properties, std::string_view session_milliseconds) {
  set_session_timeout(properties, session_milliseconds);
  if (!uses_consumer_protocol()) properties["heartbeat.interval.ms"] = "200";
}

/// Settings of a client of a broker that only one test program uses.
[[nodiscard]] inline std::map<std::string, std::string> quick_properties() {
  std::map<std::string, std::string> properties{{"reconnect.backoff.ms", "20"}, {"reconnect.backoff.max.ms", "200"}};
  join_quickly(properties, "20000");
  return properties;
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_GROUP_PROTOCOL_H_
