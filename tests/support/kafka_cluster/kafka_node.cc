#include "support/kafka_cluster/kafka_node.h"

#include <fstream>
#include <random>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace conveyor::tests {

namespace {

constexpr char kLogging[] = R"(status=ERROR
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{HH:mm:ss.SSS} %p %c{1}: %m%n
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=console
)";

void write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path);
  file << text;
  if (!file.flush()) throw std::runtime_error("cannot write " + path.string());
}

}  // namespace

KafkaNode::KafkaNode(int id, std::filesystem::path folder) : id_(id), folder_(std::move(folder)) {
  std::filesystem::create_directories(folder_);
  write_file(folder_ / "log4j2.properties", kLogging);
}

std::string KafkaNode::address() const { return "127.0.0.1:" + std::to_string(client_port_.number()); }

std::string KafkaNode::voter() const {
  return std::to_string(id_) + "@127.0.0.1:" + std::to_string(controller_port_.number());
}

void KafkaNode::configure(const std::map<std::string, std::string>& properties,
                          const std::vector<KafkaListener>& listeners) {
  std::string further;
  std::string protocols;
  for (const auto& each : listeners) {
    further += "," + each.name + "://127.0.0.1:" + std::to_string(each.port);
    protocols += "," + each.name + ":" + each.protocol;
  }
  std::map<std::string, std::string> all = properties;
  all.merge(std::map<std::string, std::string>{
      {"process.roles", "broker,controller"},
      {"node.id", std::to_string(id_)},
      {"listeners",
       "PLAINTEXT://" + address() + ",CONTROLLER://127.0.0.1:" + std::to_string(controller_port_.number()) + further},
      {"advertised.listeners", "PLAINTEXT://" + address() + further},
      {"controller.listener.names", "CONTROLLER"},
      {"listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT" + protocols},
      {"inter.broker.listener.name", "PLAINTEXT"},
      {"log.dirs", data_folder().string()},
  });
  std::ostringstream text;
  for (const auto& [name, value] : all) text << name << '=' << value << '\n';
  write_file(folder_ / "server.properties", text.str());
}

void KafkaNode::format(const std::string& cluster_id, const std::filesystem::path& checkpoint) {
  std::filesystem::create_directories(data_folder());
  std::filesystem::copy_file(checkpoint, data_folder() / "bootstrap.checkpoint");
  write_file(data_folder() / "meta.properties", "version=1\nnode.id=" + std::to_string(id_) + "\ncluster.id=" +
                                                    cluster_id + "\ndirectory.id=" + random_kafka_uuid() + "\n");
}

void KafkaNode::format_slowly(const KafkaInstallation& installation, const std::string& cluster_id,
                              const std::vector<std::string>& scram_users) {
  std::vector<std::string> arguments{
      "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", (folder_ / "server.properties").string()};
  for (const auto& user : scram_users) arguments.insert(arguments.end(), {"--add-scram", user});
  ChildProcess tool(installation.command({"-Xmx128m", "-XX:TieredStopAtLevel=1"}, arguments), folder_ / "log");
  const auto status = tool.wait(std::chrono::seconds(60));
  if (status != 0) throw std::runtime_error("Kafka's StorageTool format failed:\n" + last_lines(log(), 20));
}

void KafkaNode::start(const KafkaInstallation& installation, const std::vector<std::string>& java_flags) {
  process_.reset();
  std::filesystem::remove(folder_ / "log");
  std::vector<std::string> flags = java_flags;
  flags.push_back("-Dlog4j2.configurationFile=" + (folder_ / "log4j2.properties").string());
  process_.emplace(installation.command(flags, {"kafka.Kafka", (folder_ / "server.properties").string()}),
                   folder_ / "log");
}

std::string KafkaNode::log() const {
  std::ifstream file(folder_ / "log");
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string random_kafka_uuid() {
  // Neither '-' nor '_', with which Kafka's tools have trouble at the start of a word.
  static constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device random;
  std::string text;
  for (int i = 0; i < 21; ++i) text += kDigits[std::uniform_int_distribution<int>(0, 61)(random)];
  return text + "AQgw"[random() % 4];  // the last character holds two bits
}

std::string last_lines(const std::string& text, int lines) {
  std::size_t from = text.size();
  while (lines-- > 0 && from != std::string::npos && from > 0) from = text.rfind('\n', from - 1);
  return from == std::string::npos || from == 0 ? text : text.substr(from + 1);
}

}  // namespace conveyor::tests
