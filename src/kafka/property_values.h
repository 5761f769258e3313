#ifndef CONVEYOR_SRC_KAFKA_PROPERTY_VALUES_H_
#define CONVEYOR_SRC_KAFKA_PROPERTY_VALUES_H_

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>

#include "conveyor/error.h"

namespace conveyor::kafka {

/// As Config::properties.
using PropertyMap = std::map<std::string, std::string>;

/// The property's value; empty when it is not set or set to nothing.
[[nodiscard]] inline std::string_view value_of(const PropertyMap& properties, std::string_view name) {
  const auto found = properties.find(std::string(name));
  return found != properties.end() ? std::string_view(found->second) : std::string_view();
}

/// Compares without regard to upper and lower case.
[[nodiscard]] inline bool same(std::string_view left, std::string_view right) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::ranges::equal(left, right, {}, lower, lower);
}

/// Whether librdkafka reads the value as true.
[[nodiscard]] inline bool is_true(std::string_view value) {
  return same(value, "true") || same(value, "t") || value == "1";
}

[[noreturn]] inline void refuse(const std::string& why) { throw Error(errc::invalid_config, why); }

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_PROPERTY_VALUES_H_
