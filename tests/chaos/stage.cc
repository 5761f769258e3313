#include "chaos/stage.h"

#include <unistd.h>

#include <atomic>

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
