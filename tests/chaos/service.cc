#include "chaos/service.h"

#include <signal.h>

#include <fstream>
#include <sstream>
#include <utility>

#include "support/group_protocol.h"
#include "support/waiting.h"

namespace conveyor::tests {

std::map<std::string, std::string> quick_group_properties() {
  std::map<std::string, std::string> properties{{"reconnect.backoff.ms", "20"}, {"reconnect.backoff.max.ms", "500"}};
  join_quickly(properties, "3000");
  return properties;
}

Service::Service(std::string name, ServiceOptions options, std::filesystem::path log)
    : name_(std::move(name)), options_(std::move(options)), log_(std::move(log)) {
  start();
}

void Service::start() {
  throttle_ = {};
  process_.reset();
  asked_to_stop_ = false;
  ++starts_;
  std::ofstream(log_, std::ios::app) << "\nprocess " << process_name()
                                     << std::endl;  // a killed one may leave half a line
  process_.emplace(command(), log_);
  if (options_.awake_percent < 100) throttle_ = std::jthread([this](const std::stop_token& stop) { throttle(stop); });
}

// As on a machine that has little time for it.
void Service::throttle(const std::stop_token& stop) {
  constexpr std::chrono::milliseconds kPeriod{100};
  const auto awake = kPeriod * options_.awake_percent / 100;
  while (!stop.stop_requested()) {
    std::this_thread::sleep_for(awake);
    process_->signal(SIGSTOP);
    std::this_thread::sleep_for(kPeriod - awake);
    process_->signal(SIGCONT);
  }
}

void Service::kill() {
  process_->signal(SIGKILL);
  process_->wait(std::chrono::seconds(30));
}

void Service::ask_to_stop() {
  if (std::exchange(asked_to_stop_, true)) return;
  const auto ready = [&] {
    const std::string text = log();
    return text.find("\nready\n", text.rfind("\nprocess ")) != text.npos || !running();
  };
  static_cast<void>(eventually(ready));
  process_->signal(SIGTERM);
}

int Service::stop(std::chrono::milliseconds within) {
  ask_to_stop();
  if (const auto status = process_->wait(within)) return *status;
  kill();
  return 128 + SIGKILL;
}

std::vector<std::string> Service::command() const {
  std::vector<std::string> command{CONVEYOR_CHAOS_SERVICE,
                                   "--name",
                                   process_name(),
                                   "--bootstrap",
                                   options_.bootstrap,
                                   "--group",
                                   options_.group,
                                   "--input",
                                   options_.input,
                                   "--output",
                                   options_.output,
                                   "--threads",
                                   std::to_string(options_.threads),
                                   "--order",
                                   options_.order,
                                   "--max-in-flight",
                                   std::to_string(options_.max_in_flight),
                                   "--commit-interval",
                                   std::to_string(options_.commit_interval.count()),
                                   "--work",
                                   std::to_string(options_.work.count())};
  if (options_.dead_letters) command.emplace_back("--dead-letters");
  if (options_.exactly_once) command.insert(command.end(), {"--exactly-once", name_});
  for (const auto& [name, value] : options_.properties) {
    command.emplace_back("--property");
    command.push_back(name + "=" + value);
  }
  command.insert(command.end(), options_.flags.begin(), options_.flags.end());
  return command;
}

std::string Service::log() const {
  std::ifstream file(log_);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<ServiceEvent> Service::all_events() const {
  std::vector<ServiceEvent> found;
  std::ifstream file(log_);
  std::string process;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::string word;
    words >> word;
    if (word == "process") words >> process;
    ServiceEvent event{.process = process};
    if (word == "event" && words >> event.time_ms >> event.kind >> event.partition >> event.offset) {
      found.push_back(event);
    }
  }
  return found;
}

std::vector<ServiceEvent> Service::events(const std::string& kind) const {
  auto found = all_events();
  std::erase_if(found, [&](const ServiceEvent& event) { return event.kind != kind; });
  return found;
}

std::set<int> Service::partitions() const {
  std::set<int> mine;
  for (const ServiceEvent& event : all_events()) {
    if (event.process != process_name()) continue;
    if (event.kind == "assigned") mine.insert(event.partition);
    if (event.kind == "revoked" || event.kind == "lost") mine.erase(event.partition);
  }
  return mine;
}

std::optional<std::int64_t> Service::reported(const std::string& figure) const {
  const std::string text = log();
  const auto line = text.rfind("\nreport ");
  if (line == text.npos) return {};
  const auto at = text.find(" " + figure + "=", line);
  if (at == text.npos) return {};
  return std::stoll(text.substr(at + figure.size() + 2));
}

}  // namespace conveyor::tests
