#ifndef CONVEYOR_SRC_KAFKA_LEAVE_GROUP_H_
#define CONVEYOR_SRC_KAFKA_LEAVE_GROUP_H_

#include <librdkafka/rdkafka.h>

#include <vector>

#include "kafka/assigned_partition.h"

namespace conveyor::kafka {

/// Removes the partitions of the list from `held` and returns those that were held. librdkafka refuses to revoke
/// partitions that it does not read; it was never told to read those whose committed offset is not known yet.
[[nodiscard]] std::vector<TopicPartition> take_from(std::vector<TopicPartition>& held,
                                                    const rd_kafka_topic_partition_list_t* list);

/// Closes a member and gives its partitions back. Waits, for up to half a minute.
/// @param by_steps whether the assignment is cooperative
void leave_group(rd_kafka_t* client, bool by_steps, std::vector<TopicPartition> held);

}  // namespace conveyor::kafka

#endif  // CONVEYOR_SRC_KAFKA_LEAVE_GROUP_H_
