#include "conveyor/channel.h"

#include <fmt/format.h>

#include <set>
#include <string>

#include "base/thread_annotations.h"
#include "conveyor/error.h"

namespace conveyor::detail {

std::string_view intern_topic(std::string_view topic, const ChannelOptions& options) {
  if (!legal_topic(topic)) {
    throw Error(errc::invalid_topic,
                fmt::format("\"{}\" is not a legal Kafka topic name: use 1 to 249 of letters, digits, '.', '_' and '-'",
                            topic.substr(0, 260)));
  }
  if (!legal_level(options.level)) {
    throw Error(errc::invalid_config,
                fmt::format("channel {}: level {} is outside the range 1 to 12", topic, options.level));
  }
  static Mutex mutex;
  // never destroyed: records may use topic names while the process exits
  static auto* const names CONVEYOR_PT_GUARDED_BY(mutex) = new std::set<std::string, std::less<>>();
  const MutexLock lock{mutex};
  auto found = names->find(topic);
  if (found == names->end()) found = names->emplace(topic).first;
  return *found;
}

}  // namespace conveyor::detail
