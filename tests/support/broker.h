#ifndef CONVEYOR_TESTS_SUPPORT_BROKER_H_
#define CONVEYOR_TESTS_SUPPORT_BROKER_H_

#include <map>
#include <string>
#include <string_view>

#include "conveyor/channel.h"
#include "conveyor/config.h"

namespace conveyor::tests {

// The broker that all tests of a program share; embedded_broker.cc or kafka_broker.cc, whichever is linked, starts it
// before the first test and ends it after the last.

/// Addresses of its brokers.
[[nodiscard]] std::string bootstrap_servers();

/// Settings for it, with timeouts short enough for tests.
[[nodiscard]] Config config_of_group(std::string_view group);

/// @param configs of the topic; the embedded broker knows none
void create_topic(const std::string& topic, int partitions, const std::map<std::string, std::string>& configs = {});

/// A name that no other test uses, which names the running test.
[[nodiscard]] std::string unique_name(std::string_view what);

/// Settings for a group of its own.
[[nodiscard]] inline Config new_config() { return config_of_group(unique_name("group")); }

/// A channel on a topic of its own, which is created.
template <class T>
[[nodiscard]] Channel<T> new_channel(int partitions = 1, ChannelOptions options = {}) {
  const std::string topic = unique_name("topic");
  create_topic(topic, partitions);
  return Channel<T>::named(topic, options);
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_BROKER_H_
