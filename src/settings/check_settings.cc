#include "settings/check_settings.h"

#include <fmt/format.h>

#include <utility>

#include "kafka/client.h"
#include "kafka/group_consumer.h"
#include "kafka/producer_session.h"

namespace conveyor::kafka {

void check_settings(const Config& config) {
  for (const auto& [name, limit] : {std::pair{"max_record_bytes", config.max_record_bytes},
                                    std::pair{"max_message_bytes", config.max_message_bytes}}) {
    if (limit == 0) throw Error(errc::invalid_config, fmt::format("Config::{} is 0", name));
  }
  ProducerSession::check(config, {});
  Config of_a_member = config;
  if (of_a_member.group.empty()) of_a_member.group = "checked";  // those who only produce have none
  GroupConsumer::check(of_a_member);
}

}  // namespace conveyor::kafka
