#include "chaos/stage.h"

#include <unistd.h>

#include <atomic>
#include <cstdlib>

namespace conveyor::tests {

namespace {

std::string unique(const std::string& name) {
  static std::atomic<int> count{0};
  return name + "-" + std::to_string(getpid()) + "-" + std::to_string(++count);
}

}  // namespace

Stage::Stage(const std::string& servers, const std::string& name)
    : bootstrap(servers),
      input(unique(name + "-input")),
      output(unique(name + "-output")),
      dead_letters(input + "-dlt"),
      group(unique(name)),
      admin(servers) {
  for (const std::string& topic : {input, output, dead_letters}) admin.create_topic(topic, kPartitions);
}

std::filesystem::path Stage::log_of(const std::string& service) const {
  const char* const kept = std::getenv("CHAOS_LOGS");
  return kept == nullptr ? folder_.path() / service : std::filesystem::path(kept) / (group + "." + service);
}

Config Stage::config() const {
  return {.bootstrap_servers = bootstrap,
          .properties = {{"reconnect.backoff.ms", "20"}, {"reconnect.backoff.max.ms", "500"}}};
}

ServiceOptions Stage::service() const {
  return {.bootstrap = bootstrap,
          .group = group,
          .input = input,
          .output = output,
          .dead_letters = true,
          .properties = quick_group_properties()};
}

}  // namespace conveyor::tests
