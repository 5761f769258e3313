#ifndef CONVEYOR_TESTS_SUPPORT_GROUP_CONSUMER_OF_H_
#define CONVEYOR_TESTS_SUPPORT_GROUP_CONSUMER_OF_H_

#include <memory>

#include "consume/group_member.h"
#include "kafka/group_consumer.h"

namespace conveyor::tests {

/// The librdkafka client that a member has at present, for tests that break it.
inline std::shared_ptr<kafka::GroupConsumer> group_consumer_of(const worker::GroupMember& member) {
  return std::dynamic_pointer_cast<kafka::GroupConsumer>(member.client());
}

}  // namespace conveyor::tests

#endif  // CONVEYOR_TESTS_SUPPORT_GROUP_CONSUMER_OF_H_
