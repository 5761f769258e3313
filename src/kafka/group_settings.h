#ifndef CONVEYOR_SRC_KAFKA_GROUP_SETTINGS_H_
#define CONVEYOR_SRC_KAFKA_GROUP_SETTINGS_H_

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <string>

#include "conveyor/config.h"
#include "kafka/client.h"

// What a member of a group sets in librdkafka and reads from it. The client must live during the call.

namespace conveyor::kafka {

/// Properties that users may override.
[[nodiscard]] Properties group_defaults();
/// Properties that users may not override. @throws Error with errc::no_group
[[nodiscard]] Properties group_required(const Config& config);

/// Whether the present assignment is cooperative (incremental). Not known before the first assignment.
[[nodiscard]] bool is_cooperative(rd_kafka_t* client);
/// Whether assignments will be cooperative, if all members of the group agree.
[[nodiscard]] bool wants_cooperative(rd_kafka_t* client);
/// The Kafka property allow.auto.create.topics.
[[nodiscard]] bool creates_topics(rd_kafka_t* client);
inline constexpr std::chrono::milliseconds kMaxPollInterval{300'000};  ///< librdkafka's default
/// The Kafka property max.poll.interval.ms.
[[nodiscard]] std::chrono::milliseconds max_poll_interval(rd_kafka_t* client);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_GROUP_SETTINGS_H_
