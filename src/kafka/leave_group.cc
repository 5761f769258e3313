#include "kafka/leave_group.h"

#include <algorithm>
#include <chrono>

#include "kafka/handle.h"
#include "kafka/partition_list.h"

namespace conveyor::kafka {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLeaveWithin{30'000};

}  // namespace

std::vector<TopicPartition> take_from(std::vector<TopicPartition>& held, const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> taken;
  for (const auto& element : elements(list)) {
    const auto found = std::ranges::find(held, where_of(element));
    if (found == held.end()) continue;
    taken.push_back(*found);
    held.erase(found);
  }
  return taken;
}

void leave_group(rd_kafka_t* client, bool by_steps, std::vector<TopicPartition> held) {
  const Queue closing{rd_kafka_queue_new(client)};
  const KafkaError refused{rd_kafka_consumer_close_queue(client, closing.get())};
  const auto deadline = steady_clock::now() + kLeaveWithin;
  while (!refused && rd_kafka_consumer_closed(client) == 0 && steady_clock::now() < deadline) {
    const KafkaEvent event{rd_kafka_queue_poll(closing.get(), 50)};
    if (!event || rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_REBALANCE) continue;
    const bool revoke = rd_kafka_event_error(event.get()) == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS;
    if (revoke && by_steps) {
      const auto gone = take_from(held, rd_kafka_event_topic_partition_list(event.get()));
      const KafkaError error{rd_kafka_incremental_unassign(client, list_of(gone).get())};
    } else {
      rd_kafka_assign(client, nullptr);
    }
  }
}

}  // namespace conveyor::kafka
