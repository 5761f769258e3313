#ifndef CONVEYOR_SRC_KAFKA_GROUP_SETTINGS_H_
#define CONVEYOR_SRC_KAFKA_GROUP_SETTINGS_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <string>

#include "conveyor/config.h"
#include "kafka/client.h"

// What a member of a group sets in librdkafka, and what it reads there. The client must live meanwhile.

namespace conveyor::kafka {

/// Which users may override.
[[nodiscard]] Properties group_defaults();
/// @throws Error with errc::no_group
[[nodiscard]] Properties group_required(const Config& config);

/// Whether the present assignment was made by steps; not known before the first one.
[[nodiscard]] bool is_cooperative(rd_kafka_t* client);
/// Whether assignments will be made by steps, if all members of the group agree.
[[nodiscard]] bool wants_cooperative(rd_kafka_t* client);
/// allow.auto.create.topics
[[nodiscard]] bool creates_topics(rd_kafka_t* client);
inline constexpr std::chrono::milliseconds kMaxPollInterval{300'000};  ///< unless it is set
/// max.poll.interval.ms
[[nodiscard]] std::chrono::milliseconds max_poll_interval(rd_kafka_t* client);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_GROUP_SETTINGS_H_
