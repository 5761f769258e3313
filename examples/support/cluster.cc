#include "support/cluster.h"

#include <algorithm>
#include <cctype>
#include <memory>

#include "conveyor/observer.h"

namespace support {
namespace {

/// The embedded broker keeps 5 MiB of a partition. Older frames are gone then, but not lost: a demonstration counts
/// whether each one came through. Everything else that the broker says is shown.
class OldFramesMayGo final : public conveyor::Observer {
 public:
  void on_log(const conveyor::LogLine& line) override {
    if (line.text.find("threw away") == line.text.npos) log_->on_log(line);
  }

 private:
  std::shared_ptr<conveyor::Observer> log_ = conveyor::stderr_observer();
};

}  // namespace

ConfigFor config_from_environment(const std::string& bootstrap) {
  return [bootstrap](std::string_view group) {
    conveyor::Config config = conveyor::Config::from_env();
    if (!bootstrap.empty()) config.bootstrap_servers = bootstrap;
    config.group = group;
    return config;
  };
}

Cluster::Cluster(const std::string& bootstrap, std::string_view service) : base_(conveyor::Config::from_env()) {
  if (bootstrap.empty()) {
    broker_.emplace(conveyor::testing::EmbeddedBrokerOptions{.observer = std::make_shared<OldFramesMayGo>()});
    base_ = broker_->config();
    base_.observer = {};
  } else {
    base_.bootstrap_servers = bootstrap;
    base_.properties["allow.auto.create.topics"] = "true";  // consumers are there before the first message
  }
  base_.service = service;
}

ConfigFor Cluster::config_for() const {
  return [base = base_](std::string_view group) {
    conveyor::Config config = base;
    config.group = group;
    return config;
  };
}

std::map<std::string, std::string> Cluster::environment() const {
  std::map<std::string, std::string> variables{{"CONVEYOR_BOOTSTRAP_SERVERS", base_.bootstrap_servers}};
  for (const auto& [name, value] : base_.properties) {
    std::string variable = "CONVEYOR_KAFKA_" + name;
    std::transform(variable.begin(), variable.end(), variable.begin(),
                   [](unsigned char c) { return c == '.' ? '_' : static_cast<char>(std::toupper(c)); });
    variables[variable] = value;
  }
  return variables;
}

}  // namespace support
