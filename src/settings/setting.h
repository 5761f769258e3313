#ifndef CONVEYOR_SRC_SETTINGS_SETTING_H_
#define CONVEYOR_SRC_SETTINGS_SETTING_H_

#include <span>
#include <string_view>

#include "conveyor/config.h"

namespace conveyor {

/// What a process may be told from outside, and what of Config it sets.
struct Setting {
  std::string_view variable;  ///< of the environment, after CONVEYOR_
  std::string_view theirs;    ///< MessageCorps' variable for the same thing; empty: none
  std::string_view name;      ///< in a properties file; empty: only the variable
  /// Throws Error with errc::invalid_config, saying what is wrong with the value but not where it stands. Null: the
  /// properties file itself.
  void (*set)(Config& config, std::string_view value);
};

/// All of them, beside Kafka's own properties. docs/configuration.md has a row for each, which a test compares.
[[nodiscard]] std::span<const Setting> settings() noexcept;

}  // namespace conveyor

#endif  // CONVEYOR_SRC_SETTINGS_SETTING_H_
