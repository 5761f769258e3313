#include "kafka/properties.h"

#include <fmt/format.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <utility>

#include "base/edit_distance.h"
#include "base/printable.h"
#include "conveyor/error.h"

namespace conveyor::kafka {
namespace {

constexpr std::size_t kShown = 100;  // bytes of a property name in error texts, because a name may be anything

// librdkafka lists its properties only by printing them, as the table of its CONFIGURATION.md.
std::string property_table() {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* file = open_memstream(&text, &size);
  if (file == nullptr) return {};
  rd_kafka_conf_properties_show(file);
  std::fclose(file);
  const std::unique_ptr<char, decltype(&std::free)> owned{text, &std::free};
  return {text, size};
}

std::map<std::string, PropertyScope, std::less<>> read_table() {
  std::map<std::string, PropertyScope, std::less<>> known;
  std::istringstream table{property_table()};
  for (std::string line; std::getline(table, line);) {
    std::istringstream cells{line};
    std::string name, bar, scope, next;
    cells >> name >> bar >> scope >> next;
    if (bar != "|" || next != "|" || name == "Property" || name.ends_with("_cb") || name == "opaque") continue;
    PropertyScope& entry = known[name];
    entry.producer = entry.producer || scope == "*" || scope == "P";
    entry.consumer = entry.consumer || scope == "*" || scope == "C";
  }
  return known;
}

// Properties that the library's promises depend on, and what to set instead.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kOwned{{
    {"bootstrap.servers", "set Config::bootstrap_servers"},
    {"metadata.broker.list", "set Config::bootstrap_servers"},
    {"group.id", "set Config::group"},
    {"enable.auto.commit", "the library commits after the handler is done"},
    {"auto.commit.enable", "the library commits after the handler is done"},
    {"auto.commit.interval.ms", "set commit_interval in the consumer's or worker's options"},
    {"enable.auto.offset.store", "the library commits after the handler is done"},
    {"auto.offset.reset", "set start_at in the consumer's or worker's options"},
    {"message.max.bytes", "set Config::max_record_bytes"},
    {"queue.buffering.max.messages", "set ProducerOptions::max_queued_messages"},
    {"queue.buffering.max.kbytes", "set ProducerOptions::max_queued_bytes"},
    {"message.timeout.ms", "set ProducerOptions::delivery_timeout"},
    {"delivery.timeout.ms", "set ProducerOptions::delivery_timeout"},
    {"log.queue", "set Config::observer"},
    {"enabled_events", "set Config::observer"},
    {"transactional.id", "set WorkerOptions::exactly_once"},
    {"enable.partition.eof", "the library needs this event itself"},
}};

}  // namespace

const std::map<std::string, PropertyScope, std::less<>>& known_properties() {
  static const auto known = read_table();
  return known;
}

void check_property_name(std::string_view name) {
  for (const auto& [owned, instead] : kOwned) {
    if (name == owned) {
      throw Error(errc::invalid_config, fmt::format("Kafka property {} is controlled by Conveyor: {}", name, instead));
    }
  }
  const auto& known = known_properties();
  if (known.find(name) == known.end()) {
    const auto nearest = closest(name.substr(0, kShown), known, &std::pair<const std::string, PropertyScope>::first);
    throw Error(errc::unknown_property,
                fmt::format("unknown Kafka property {}; did you mean {}? (librdkafka {} knows {} properties)",
                            printable(name, kShown), nearest, rd_kafka_version_str(), known.size()));
  }
}

}  // namespace conveyor::kafka
