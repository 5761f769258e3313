#include "scaling/topics.h"

#include <random>
#include <stdexcept>
#include <utility>

namespace conveyor::bench {

Topics::Topics(std::string bootstrap_servers)
    : bootstrap_servers_(std::move(bootstrap_servers)),
      run_(std::string("-").append(std::to_string(std::random_device{}()))),
      admin_(bootstrap_servers_) {}

ScanChannel Topics::create(const std::string& name, int partitions,
                           const std::map<std::string, std::string>& settings) {
  const std::string topic = "scaling-" + name + run_;
  admin_.create_topic(topic, partitions, settings);
  return ScanChannel::named(topic, {.codec = Codec::kRaw});
}

void Topics::empty(const ScanChannel& channel) {
  admin_.set_topic_configs(std::string(channel.topic()), {{"retention.bytes", "0"}, {"file.delete.delay.ms", "1000"}});
}

Config Topics::config() const { return {.bootstrap_servers = bootstrap_servers_, .service = "bench"}; }

Config Topics::new_group() {
  Config reading = config();
  reading.group = "scaling-" + std::to_string(++groups_) + run_;
  return reading;
}

egg::v1::EggScan small_scan() {
  egg::v1::EggScan scan;
  scan.set_egg_id("egg-100");
  std::mt19937 random(6);
  for (int i = 0; i < 56; ++i) *scan.mutable_scan_data() += static_cast<char>(random() & 0xff);
  return scan;
}

void flush(Producer& producer) {
  const auto report = producer.flush(kPatience);
  if (report.failed != 0 || report.left != 0) throw std::runtime_error("not every message was delivered");
}

}  // namespace conveyor::bench
