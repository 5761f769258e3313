#ifndef CONVEYOR_SRC_CLI_COMMANDS_TOPIC_WARNINGS_H_
#define CONVEYOR_SRC_CLI_COMMANDS_TOPIC_WARNINGS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kafka/cluster.h"

// Which settings of a topic endanger the delivery of its records. Nothing here asks a broker.

namespace conveyor::cli {

struct TopicWarning {
  std::string setting = {};  ///< what to look at: a topic setting, or "replicas"
  std::string text = {};     ///< what may happen, and what to change
};

using TopicSettings = std::map<std::string, std::string>;

/// @param settings those of the topic; what is missing is not judged
/// @param max_record_bytes Config::max_record_bytes
[[nodiscard]] std::vector<TopicWarning> warnings_of(const kafka::TopicFacts& topic, const TopicSettings& settings,
                                                    std::size_t max_record_bytes);

/// The number that a setting has; none where it is missing or is no number.
[[nodiscard]] std::optional<std::int64_t> number_of(const TopicSettings& settings, const std::string& name);

/// How long the topic keeps its records, for people: "7d", "7d or 1 GiB", "forever", "compacted".
[[nodiscard]] std::string retention_text(const TopicSettings& settings);

}  // namespace conveyor::cli

#endif  // CONVEYOR_SRC_CLI_COMMANDS_TOPIC_WARNINGS_H_
