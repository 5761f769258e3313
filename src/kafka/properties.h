#ifndef CONVEYOR_SRC_KAFKA_PROPERTIES_H_
#define CONVEYOR_SRC_KAFKA_PROPERTIES_H_

#include <map>
#include <string>
#include <string_view>

namespace conveyor::kafka {

/// Which clients a property applies to.
struct PropertyScope {
  bool producer = false;
  bool consumer = false;
};

/// Every property that the linked librdkafka knows.
[[nodiscard]] const std::map<std::string, PropertyScope, std::less<>>& known_properties();

/// @throws Error with errc::unknown_property, naming the closest known property; with errc::invalid_config for a
/// property that the library controls itself, naming what to set instead
void check_property_name(std::string_view name);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PROPERTIES_H_
