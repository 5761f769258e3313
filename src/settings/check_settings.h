#ifndef CONVEYOR_SRC_SETTINGS_CHECK_SETTINGS_H_
#define CONVEYOR_SRC_SETTINGS_CHECK_SETTINGS_H_

#include "conveyor/config.h"

namespace conveyor::kafka {

/// Throws what making a producer or a consumer of these settings would, without connecting to anybody.
/// @throws Error with errc::unknown_property or errc::invalid_config
void check_settings(const Config& config);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_SETTINGS_CHECK_SETTINGS_H_
