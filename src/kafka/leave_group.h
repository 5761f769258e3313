#ifndef CONVEYOR_SRC_KAFKA_LEAVE_GROUP_H_
#define CONVEYOR_SRC_KAFKA_LEAVE_GROUP_H_

#include <librdkafka/rdkafka.h>

#include <vector>

#include "kafka/assigned.h"

namespace conveyor::kafka {

/// Those of the list that are held, which they are no more. The client refuses to give back what it does not read, and
/// what waits for its place it was never told to read.
[[nodiscard]] std::vector<TopicPartition> take_from(std::vector<TopicPartition>& held,
                                                    const rd_kafka_topic_partition_list_t* list);

/// Closes a member, giving back what it holds. Waits, for up to half a minute.
/// @param by_steps whether its assignment is cooperative
void leave_group(rd_kafka_t* client, bool by_steps, std::vector<TopicPartition> held);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_LEAVE_GROUP_H_
